// Symbols, line patterns and fills: the same drawing code for the map and for the legend.
(function (RM) {
  "use strict";
  const SHAPES = {
    circle: (c, r) => c.arc(0, 0, r, 0, 7),
    square: (c, r) => c.rect(-r * 0.88, -r * 0.88, r * 1.76, r * 1.76),
    diamond: (c, r) => polygon(c, r * 1.25, 4, 0),
    triangle: (c, r) => polygon(c, r * 1.25, 3, -Math.PI / 2),
    hexagon: (c, r) => polygon(c, r * 1.45, 6, 0, 0.66),   // flat: no circle at small sizes
    bar: (c, r) => c.rect(-r * 1.3, -r * 0.5, r * 2.6, r),
  };

  function polygon(c, r, sides, turn, flat = 1) {
    for (let i = 0; i < sides; i++) {
      const a = turn + i * 2 * Math.PI / sides;
      const x = r * Math.cos(a), y = flat * r * Math.sin(a);
      if (i) c.lineTo(x, y); else c.moveTo(x, y);
    }
    c.closePath();
  }

  const PRECISE = { surveyed: 1, traced: 1, site: 1 };

  let paper = {};   // the colours of the theme in force

  function style(data) {
    const S = data.style;
    paper = S.paper;
    const family = (f) => S.sectors[f.sector] || "region";
    return {
      family,
      colour: (f) => S.families[family(f)].colour,
      precise: (f) => !!PRECISE[f.precision],
      shape: (f) => S.symbols[f.kind] || "circle",
      dash: (f) => S.dashes[f.status || ""] || [],
    };
  }

  // A point symbol at 0,0: full where the site is known, hollow where only the town or county is.
  function symbol(c, shape, colour, precision, r) {
    c.beginPath();
    SHAPES[shape](c, r);
    const known = PRECISE[precision], town = precision === "town";
    c.fillStyle = known ? colour : paper.face;
    c.lineWidth = known ? 3 : 3.6;
    c.strokeStyle = paper.face;
    c.setLineDash([]);
    c.stroke();
    c.fill();
    c.lineWidth = known ? 0.8 : 1.8;
    c.strokeStyle = colour;
    if (!known && !town) c.setLineDash([2.4, 1.8]);
    c.stroke();
    c.setLineDash([]);
  }

  // The same, small: one of very many.
  function small(c, shape, colour, known, r) {
    c.beginPath();
    SHAPES[shape](c, r);
    c.strokeStyle = paper.face; c.lineWidth = r < 2.5 ? 0.5 : 1.4; c.stroke();
    c.fillStyle = known ? colour : paper.face; c.fill();
    if (!known) { c.strokeStyle = colour; c.lineWidth = 1; c.stroke(); }
  }

  // A corridor: casing, then the line by status; a railway in use gets its white ties.
  function line(c, trace, f, colour, width, dash) {
    c.lineJoin = "round"; c.lineCap = dash.length ? "butt" : "round";
    c.setLineDash([]);
    c.strokeStyle = paper.halo; c.lineWidth = width + 2.6; trace(); c.stroke();
    c.strokeStyle = colour; c.lineWidth = width;
    const rail = f.sector === "rail" && f.kind === "corridor";
    if (rail && !dash.length) {
      trace(); c.stroke();
      c.strokeStyle = paper.face; c.lineWidth = Math.max(1, width - 1.8); c.lineCap = "butt";
      c.setLineDash([7, 7]); c.stroke();
    } else {
      c.setLineDash(dash.map((d) => d * Math.max(1, width / 2.6))); trace(); c.stroke();
      if (f.status === "upgrading") {
        c.setLineDash([]); c.strokeStyle = paper.face; c.lineWidth = Math.max(0.8, width / 3); c.stroke();
      }
    }
    c.setLineDash([]);
  }

  // A quiet hatch for zones, one direction each, so that overlaps and grey prints still tell them apart.
  const hatches = new Map();
  function hatch(c, colour, turn) {
    const key = colour + turn;
    if (!hatches.has(key)) {
      const size = 12, fine = 4, tile = document.createElement("canvas");   // finer than the screen: paper shows it
      tile.width = tile.height = size * fine;
      const t = tile.getContext("2d");
      t.scale(fine, fine);
      t.strokeStyle = colour; t.lineWidth = 1; t.globalAlpha = 0.42;
      t.beginPath();
      if (turn === 0) for (const d of [-size, 0, size]) { t.moveTo(d, size); t.lineTo(d + size, 0); }
      else if (turn === 1) for (const d of [-size, 0, size]) { t.moveTo(d, 0); t.lineTo(d + size, size); }
      else if (turn === 2) { t.moveTo(0, size / 2); t.lineTo(size, size / 2); }
      else { t.moveTo(size / 2, 0); t.lineTo(size / 2, size); }
      t.stroke();
      const pattern = c.createPattern(tile, "repeat");
      pattern.setTransform(new DOMMatrix([1 / fine, 0, 0, 1 / fine, 0, 0]));
      hatches.set(key, pattern);
    }
    return hatches.get(key);
  }

  // A legend swatch as a small canvas.
  function swatch(draw, width = 34, height = 18) {
    const ratio = 4, el = document.createElement("canvas");
    el.width = width * ratio; el.height = height * ratio;
    el.style.width = width + "px"; el.style.height = height + "px";
    el.className = "rm-swatch"; el.setAttribute("aria-hidden", "true");
    const c = el.getContext("2d");
    c.scale(ratio, ratio);
    draw(c, width, height);
    return el;
  }

  RM.symbols = { style, symbol, small, line, hatch, swatch };
})(window.RM = window.RM || {});
