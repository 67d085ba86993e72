// Labels that never overlap, are never cut off, and thin out with the zoom.
(function (RM) {
  "use strict";
  const FONT = '"Noto Sans CJK SC","Noto Sans SC","Source Han Sans SC","PingFang SC","Microsoft YaHei","WenQuanYi Micro Hei",sans-serif';
  const BATCH = 40;   // names that are measured or written in one go
  const RANK = { zone: 1, corridor: 2, hub: 3, park: 4, facility: 5, project: 6 };

  // Places the names, then writes them; in steps that are short enough for a frame.
  function* paint(v, state, items) {
    const P = state.data.style.paper, boxes = occupied(obstacles(v)), placed = [], names = [];
    const wanted = wishes(v, state, items).sort((a, b) => a.rank - b.rank);
    state.marks.forEach((m) => {
      boxes.add([m.x - m.r, m.y - m.r, m.x + m.r, m.y + m.r]);
      if (m.badge) boxes.add([m.x + m.r * 0.5, m.y - m.r - 6, m.x + m.r * 0.5 + m.badge, m.y - m.r + 5]);
    });
    const limit = v.port[2] - v.port[0] < 600 ? 40 : 130;
    let tried = 0;
    for (const w of wanted) {
      if (placed.length >= limit) break;
      if (++tried % BATCH === 0) yield;
      const text = w.text || stacked(state, w), lines = w.lines ? [cut(text, 18)] : broken(text), size = parseInt(w.font.match(/(\d+)px/)[1], 10) * 1.25;
      const widths = lines.map((line) => measured(v.ctx, w.font, line)), width = Math.max(...widths), height = size * lines.length;
      const spots = w.lines ? alongLines(v, w.lines, width) : w.mark ? besideMark(w.mark, width, height) : w.spots.map((at) => ({ x: at[0], y: at[1], turn: 0 }));
      for (const p of spots) {
        const box = boxOf(p, width, height);
        if (box[0] < v.port[0] + 2 || box[1] < v.port[1] + 2 || box[2] > v.port[2] - 2 || box[3] > v.port[3] - 2 || boxes.hold(box)) continue;
        if (p.turn || v.ratio > 2) write(v.ctx, lines, size, p, w, P);   // turned, or so large that outlines are finer
        else names.push({ lines, widths, size, font: w.font + FONT, colour: w.colour || P.ink, x: p.x, y: p.y + (p.lift || 0) });
        boxes.add(box);
        placed.push({ text: lines.join(""), box: [box[0] - v.port[0], box[1] - v.port[1], box[2] - v.port[0], box[3] - v.port[1]] });
        break;
      }
    }
    for (let k = 0; k < names.length; k += BATCH) {
      yield;
      RM.halo.lay(v, names.slice(k, k + BATCH), P.halo);
    }
    return placed;
  }

  // Boxes that no label may touch, found by the squares of a grid over which they reach.
  function occupied(first) {
    const grid = new Map(), SIDE = 64;
    const cells = (box, call) => {
      for (let x = Math.floor(box[0] / SIDE); x <= box[2] / SIDE; x++) for (let y = Math.floor(box[1] / SIDE); y <= box[3] / SIDE; y++) if (call(x * 65536 + y)) return true;
      return false;
    };
    const add = (box) => { cells(box, (key) => { if (grid.has(key)) grid.get(key).push(box); else grid.set(key, [box]); }); };
    first.forEach(add);
    return { add, hold: (box) => cells(box, (key) => (grid.get(key) || []).some((b) => overlaps(box, b))) };
  }

  // The width of a text, measured once.
  const widths = new Map();
  function measured(c, font, text) {
    const key = font + text;
    if (widths.has(key)) return widths.get(key);
    if (widths.size > 5000) widths.clear();
    c.font = font + FONT;
    const { width } = c.measureText(text);
    widths.set(key, width);
    return width;
  }

  // Everything that would like a name, the most important with the lowest rank.
  function wishes(v, state, items) {
    const out = [], P = state.data.style.paper, filled = RM.cells.shown(state);
    const level = state.answer ? state.answer.level : [], asked = (f) => level[f.n] || 0;
    const rankOf = (i) => RANK[i.f.kind] + (i.f.ctx ? 4 : 0) - (asked(i.f) === 2 ? 2 : 0);
    const named = (i) => i.layer.labels || asked(i.f) === 2;
    const cells = filled && filled.labels ? regions(v, state, filled) : [];
    const taken = new Set(cells.map((w) => w.unit));
    units(v, state).forEach((u) => { if (!taken.has(u.text)) out.push(u); });
    items.filter(named).forEach((i) => {
      const s = i.f.shape, text = RM.store.label(state, i.f);
      if (i.area) out.push({ rank: 1, text, spots: (i.f.at || [i.f.spot]).map((at) => spot(v, at)), font: "600 15px ", colour: i.colour });
      else if (s.lines.length) out.push({ rank: rankOf(i), text, lines: s.plot.lines, font: "600 12px ", colour: i.colour });
    });
    const told = new Set();   // a thing of several points is named at one of them
    state.marks.forEach((m) => {
      const top = m.items.find((i) => named(i) && !told.has(i.f.n));
      if (!top || (top.f.ctx && v.zoom < 8)) return;
      told.add(top.f.n);
      out.push({ rank: rankOf(top) + (m.items.length > 1 ? 0.5 : 0), top, mark: m, font: "500 12px ", colour: P.ink });
    });
    return out.concat(cells);
  }

  // A mark's first name, and how many more it holds.
  function stacked(state, { top, mark }) {
    const name = RM.store.label(state, top.f), n = mark.items.length;
    return n > 1 ? RM.popup.worded(state.strings.stack, { name: cut(name, 12), n, more: n - 1 }) : name;
  }

  // The regions of a filled layer: name and value.
  function regions(v, state, layer) {
    const short = new Map(state.data.base.units.map((u) => [u.name, u.label]));
    return layer.filled.cells.filter((cell) => cell.v !== null && v.zoom >= 5).map((cell) => {
      const unit = cell.h ? "" : short.get(cell.name) || RM.cells.units(state, cell.name.split("、"));
      return { rank: 0.5, unit, text: (unit && unit + " ") + RM.cells.withUnit(cell.v, layer.filled.unit === "%" ? "%" : ""), spots: cell.at.map((at) => spot(v, at)), font: "600 13px ", colour: state.data.style.paper.ink };
    });
  }

  const wide = (text) => /[\u2e80-\uffff]/.test(text);
  // Latin letters take about half the room of Chinese characters.
  const cut = (text, room) => { const n = wide(text) ? room : room * 2; return text.length > n ? text.slice(0, n - 1) + "…" : text; };

  // A long name in two lines, broken near its middle at a sign or a space where there is one.
  function broken(text) {
    const room = wide(text) ? 11 : 22;
    if (text.length <= room) return [text];
    const middle = text.length / 2;
    let best = Math.ceil(middle), bad = 3;
    for (let i = 2; i < text.length - 1; i++) {
      if (!/[、·,,;;:)) —-]/.test(text[i - 1]) && !/[((]/.test(text[i])) continue;
      if (Math.abs(i - middle) < bad + room / 6) { bad = Math.abs(i - middle) - room / 6; best = i; }
    }
    return [text.slice(0, best).trim(), cut(text.slice(best).trim(), room + 3)].map((line) => cut(line, room + 3));
  }

  const overlaps = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
  const spot = (v, at) => [v.x(RM.geo.mercX(at[0])), v.y(RM.geo.mercY(at[1]))];

  // What lies over the map (buttons, scale bar, footer) is no place for labels.
  function obstacles(v) {
    const frame = v.map.getContainer().getBoundingClientRect(), k = frame.width / v.map.getSize().x || 1;   // paper is laid out enlarged
    return [...v.map.getContainer().querySelectorAll(".leaflet-control, .rm-over")].map((el) => {
      const r = el.getBoundingClientRect();
      return [(r.left - frame.left) / k + v.port[0], (r.top - frame.top) / k + v.port[1], (r.right - frame.left) / k + v.port[0], (r.bottom - frame.top) / k + v.port[1]];
    });
  }

  function units(v, state) {
    const data = state.data;
    if (data.units === "none" || v.zoom < 6) return [];
    return data.base.units
      .filter((u) => (u.level === "city" ? v.zoom < 9.2 : data.units === "county" && v.zoom >= 8.4))
      .map((u) => ({
        rank: u.level === "city" ? 1.5 : 7,
        text: u.label,
        spots: [[v.x(u.xy[0]), v.y(u.xy[1])]],
        font: u.level === "city" ? "500 14px " : "400 11px ",
        colour: data.style.paper.quiet,
      }));
  }

  function besideMark(m, width, height) {
    const gap = m.r + 4, half = width / 2, high = height / 2, side = gap + half + (m.badge ? Math.max(0, m.badge - m.r * 0.5) : 0);
    return [[side, 0], [-gap - half, 0], [0, -gap - high - 3], [0, gap + high], [side, -high], [side, high], [-gap - half, high]]
      .map(([dx, dy]) => ({ x: m.x + dx, y: m.y + dy, turn: 0 }));
  }

  // Places along the visible part of a line that is straight enough for the text.
  function alongLines(v, plots, width) {
    const out = [];
    plots.forEach((p) => {
      const xs = [], ys = [], sum = [0];
      for (let i = 0; i < p.xy.length; i += 2) {
        xs.push(v.x(p.xy[i])); ys.push(v.y(p.xy[i + 1]));
        const n = xs.length - 1;
        if (n) sum.push(sum[n - 1] + Math.hypot(xs[n] - xs[n - 1], ys[n] - ys[n - 1]));
      }
      const total = sum[sum.length - 1];
      if (total < width * 1.1) return;
      const at = (s) => {
        let i = 1;
        while (i < sum.length - 1 && sum[i] < s) i++;
        const t = (s - sum[i - 1]) / (sum[i] - sum[i - 1] || 1);
        return [xs[i - 1] + t * (xs[i] - xs[i - 1]), ys[i - 1] + t * (ys[i] - ys[i - 1])];
      };
      const steps = Math.min(60, Math.max(5, Math.round(total / 40)));
      for (let k = 1; k < steps; k++) {
        const s = total * k / steps;
        if (s < width / 2 || s > total - width / 2) continue;
        const [x, y] = at(s);
        if (x < v.port[0] || x > v.port[2] || y < v.port[1] || y > v.port[3]) continue;
        const a = at(s - width / 2), b = at(s + width / 2);
        const chord = Math.hypot(b[0] - a[0], b[1] - a[1]);
        if (chord < width * 0.9) continue;
        let turn = Math.atan2(b[1] - a[1], b[0] - a[0]);
        if (turn > Math.PI / 2) turn -= Math.PI; else if (turn < -Math.PI / 2) turn += Math.PI;
        const centre = Math.abs(k / steps - 0.5);
        out.push({ x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2, turn, lift: -9, bad: centre + (1 - chord / width) });
      }
    });
    return out.sort((a, b) => a.bad - b.bad).slice(0, 12);
  }

  function boxOf(p, width, height) {
    const lift = p.lift || 0, cos = Math.cos(p.turn), sin = Math.sin(p.turn);
    const x = p.x - sin * lift, y = p.y + cos * lift;
    const w = (Math.abs(cos) * width + Math.abs(sin) * height) / 2 + 2, h = (Math.abs(sin) * width + Math.abs(cos) * height) / 2 + 1;
    return [x - w, y - h, x + w, y + h];
  }

  function write(c, lines, size, p, w, P) {
    c.save();
    c.translate(p.x, p.y);
    c.rotate(p.turn);
    c.translate(0, (p.lift || 0) - size * (lines.length - 1) / 2);
    c.font = w.font + FONT;
    c.textAlign = "center"; c.textBaseline = "middle";
    c.lineJoin = "round"; c.lineWidth = 3.6; c.strokeStyle = P.halo;
    lines.forEach((line, n) => c.strokeText(line, 0, n * size));
    c.fillStyle = w.colour || P.ink;
    lines.forEach((line, n) => c.fillText(line, 0, n * size));
    c.restore();
  }

  RM.labels = { paint, FONT };
})(window.RM = window.RM || {});
