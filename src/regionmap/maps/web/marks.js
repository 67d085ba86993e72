// Marks of points that are drawn one by one: those on one spot, or so near that they would lie on each other,
// become one mark with their number.
(function (RM) {
  "use strict";
  const { seen, pixels } = RM.paths;

  // `items`: things of any shape; `dots`: things that are one point and know where they stand in the picture.
  function paint(v, state, items, dots) {
    const r = v.zoom < 6 ? 4 : v.zoom < 8 ? 5 : 6.2, own = spots(v, items, dots);
    const ranked = (i) => { i.rank = rank(state, i.f); };
    items.forEach(ranked);
    dots.forEach(ranked);
    own.forEach((m) => {
      m.items.sort((a, b) => a.rank - b.rank);
      const town = m.items.find((i) => i.f.precision === "town");
      if (town) disc(v, m.x, m.y, town.f, town.colour);
    });
    state.marks = merged(own, r * 2.1).sort((a, b) => a.y - b.y);
    state.marks.forEach((m) => {
      const { f, colour } = m.items[0];
      m.r = r;
      put(v, m, sprite(state, v.ratio, state.style.shape(f), colour, f.precision, r));
      m.badge = m.items.length > 1 ? put(v, m, badge(state, v.ratio, m.items.length, r)) : 0;
      state.screen.push({ f, kind: "point", x: m.x, y: m.y, r, all: m.items.map((i) => i.f) });
    });
  }

  function spots(v, items, dots) {
    const found = new Map(), add = (i, x, y) => {
      const key = Math.round(x * 2) * 1048576 + Math.round(y * 2), m = found.get(key);
      if (m) m.items.push(i); else found.set(key, { x, y, items: [i] });
    };
    items.forEach((i) => {
      const { areas, plot } = i.f.shape;
      (areas.length && !i.area ? [RM.store.plot(i.f.spot)] : plot.points).forEach((p) => { if (seen(v, p.box)) add(i, v.x(p.xy[0]), v.y(p.xy[1])); });
    });
    dots.forEach((i) => add(i, i.x, i.y));
    return [...found.values()];
  }

  // The marks that matter most keep their place; those within `gap` pixels join them.
  function merged(own, gap) {
    const kept = [], grid = new Map(), cell = (x, y) => Math.floor(x / gap) * 1048576 + Math.floor(y / gap);
    own.sort((a, b) => a.items[0].rank - b.items[0].rank || b.items.length - a.items.length || a.y - b.y || a.x - b.x);
    const home = (m) => {
      for (let dx = -1; dx <= 1; dx++) {
        for (let dy = -1; dy <= 1; dy++) {
          const found = (grid.get(cell(m.x + dx * gap, m.y + dy * gap)) || []).find((k) => Math.hypot(k.x - m.x, k.y - m.y) < gap);
          if (found) return found;
        }
      }
      return null;
    };
    own.forEach((m) => {
      const to = home(m), key = cell(m.x, m.y);
      if (to) { to.items = to.items.concat(m.items.filter((i) => !to.items.includes(i))); return; }
      kept.push(m);
      if (grid.has(key)) grid.get(key).push(m); else grid.set(key, [m]);
    });
    kept.forEach((m) => m.items.sort((a, b) => a.rank - b.rank));
    return kept;
  }

  // A known site before a town before "somewhere in the county"; then by kind and by how often the plans name
  // it; what stands at several places after what stands here; context last. Worked out once a thing.
  const ORDER = { corridor: 0, hub: 1, park: 2, facility: 3, project: 4, zone: 5 };
  const PLACED = { surveyed: 0, traced: 0, site: 0, town: 6, county: 12, city: 18, province: 24 };
  function rank({ data }, f) {
    const held = data.ranks || (data.ranks = new Float64Array(data.features.length).fill(NaN));
    if (held[f.n] !== held[f.n]) {
      const several = data.points.of[f.n] < 0 && f.shape.points.length > 1;
      held[f.n] = (f.ctx ? 40 : 0) + PLACED[f.precision] + ORDER[f.kind] - f.weight + (several ? 5 : 0);
    }
    return held[f.n];
  }

  // ---- drawn once, laid down as often as needed ------------------------------------------------------
  const drawn = new Map();
  function once(key, box, ratio, draw) {
    if (drawn.has(key)) return drawn.get(key);
    if (drawn.size > 500) drawn.clear();
    const canvas = document.createElement("canvas"), c = canvas.getContext("2d");
    canvas.width = Math.ceil((box[2] - box[0]) * ratio); canvas.height = Math.ceil((box[3] - box[1]) * ratio);
    c.scale(ratio, ratio);
    c.translate(-box[0], -box[1]);
    const made = { canvas, x: box[0], y: box[1], width: draw(c) || 0 };
    drawn.set(key, made);
    return made;
  }

  // On whole pixels of the screen, where a picture stays sharp.
  function put(v, m, { canvas, x, y, width }) {
    v.ctx.drawImage(canvas, Math.round(m.x * v.ratio) / v.ratio + x, Math.round(m.y * v.ratio) / v.ratio + y, canvas.width / v.ratio, canvas.height / v.ratio);
    return width;
  }

  function sprite(state, ratio, shape, colour, precision, r) {
    const half = Math.ceil(r * 1.5 + 4);
    return once([shape, colour, precision, r, ratio, state.data.style.paper.face].join(), [-half, -half, half, half], ratio, (c) => RM.symbols.symbol(c, shape, colour, precision, r));
  }

  function badge(state, ratio, count, r) {
    const { ink, face } = state.data.style.paper, text = String(count);
    return once(["badge", count, r, ratio, ink].join(), [0, -Math.ceil(r) - 7, Math.ceil(r * 0.5) + 12 + 8 * text.length, 0], ratio, (c) => {
      c.font = "600 9px " + RM.labels.FONT;
      c.textAlign = "center"; c.textBaseline = "middle";
      const width = Math.max(11, c.measureText(text).width + 5);
      c.fillStyle = ink; c.fillRect(r * 0.5, -r - 6, width, 11);
      c.fillStyle = face; c.fillText(text, r * 0.5 + width / 2, -r - 0.2);
      return width;
    });
  }

  // "Somewhere within": a soft disc of the accuracy, never a pin.
  function disc(v, x, y, f, colour) {
    const c = v.ctx, r = f.acc * pixels(v, f.spot[1]);
    if (r < 9 || r > 0.6 * Math.max(v.port[2] - v.port[0], v.port[3] - v.port[1])) return;
    const g = c.createRadialGradient(x, y, 0, x, y, r);
    g.addColorStop(0, colour); g.addColorStop(0.75, colour); g.addColorStop(1, colour + "00");
    c.globalAlpha = 0.07; c.fillStyle = g; c.beginPath(); c.arc(x, y, r, 0, 7); c.fill(); c.globalAlpha = 1;
  }

  RM.marks = { paint };
})(window.RM = window.RM || {});
