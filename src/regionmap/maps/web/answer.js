// The question on the map: the band of its distance, the answers, and what is in focus.
(function (RM) {
  "use strict";
  const { beyond, path, pixels } = RM.paths;
  const FINE = { surveyed: 1, traced: 1, site: 1, town: 1 };

  // All within the distance of the asked feature: its line with the width of the distance, on a sheet of its own
  // so that it covers nothing twice. `box`: the part of the picture that is painted.
  let sheet = null;
  function band(v, state, box) {
    const f = state.answer.target, P = state.data.style.paper, [x, y, far, low] = box || [0, 0, v.width, v.height];
    if (!sheet) sheet = document.createElement("canvas");
    const w = Math.ceil(far - x), h = Math.ceil(low - y), c = sheet.getContext("2d");
    if (sheet.width !== w || sheet.height !== h) { sheet.width = w; sheet.height = h; } else c.clearRect(0, 0, w, h);
    c.strokeStyle = P.band; c.lineJoin = c.lineCap = "round";
    const shape = f.shape.plot, part = Object.assign({}, v, { ctx: c, width: w, height: h, x: (m) => v.x(m) - x, y: (m) => v.y(m) - y });
    shape.lines.concat(shape.points, ...shape.areas).forEach((p) => swath(part, p.xy, state.answer.km * 1000));
    c.fillStyle = P.band;   // what lies in an area lies at no distance from it
    shape.areas.forEach((rings) => { path(part, rings, true); c.fill("evenodd"); });
    v.ctx.globalAlpha = 0.2;
    v.ctx.drawImage(sheet, x, y);
    v.ctx.globalAlpha = 1;
  }

  // A path as wide as twice the distance, in stretches over which that is about the same number of pixels;
  // bends much smaller than the width are left out.
  function swath(v, xy, metres) {
    const c = v.ctx, width = (y) => Math.max(1, 2 * metres * pixels(v, lat(y))), last = xy.length - 2;
    let own = width(xy[1]), px = v.x(xy[0]), py = v.y(xy[1]), open = false;
    const end = () => { if (open) { c.lineWidth = own; c.stroke(); } open = false; };
    for (let i = last ? 2 : 0; i <= last; i += 2) {
      const x = v.x(xy[i]), y = v.y(xy[i + 1]), step = Math.max(0.5, own / 60);
      if (i < last && Math.abs(x - px) < step && Math.abs(y - py) < step) continue;
      if (beyond(v, px, py, x, y, own)) { end(); own = width(xy[i + 1]); px = x; py = y; continue; }
      if (!open) { c.beginPath(); c.moveTo(px, py); open = true; }
      c.lineTo(x + (last ? 0 : 0.01), y);
      px = x; py = y;
      const next = width(xy[i + 1]);
      if (Math.abs(next - own) > Math.max(0.7, own / 100)) { end(); own = next; }
    }
    end();
  }
  const lat = (y) => Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI;

  // Whether a thing of the answer is to be seen: the page's filter, then the list's own.
  const passes = (state, n) => (!state.keep || !!state.keep[n]) && (!state.sift || !!state.sift[n]) && state.answer.level[n] > (state.sure ? 1 : 0);

  // Certain things are drawn even where their layer is off; possible ones only where their town is known and
  // the doubt is not far wider than the question (the list names all of them). A test of feature numbers.
  function seen(state) {
    const { precision, acc } = state.data.columns, { level, km, target } = state.answer, fine = precision.words.map((w) => !!FINE[w]);
    const most = 2000 * Math.max(5, km) - (target.acc || 0);
    return (n) => level[n] > 0 && passes(state, n) && (level[n] === 2 || (fine[precision.codes[n]] && acc[n] <= most));
  }

  function lines(v, state) {
    const c = v.ctx, t = state.answer.target, P = state.data.style.paper, drawn = new Set(state.screen.map((s) => s.f.n)), { level } = state.answer;
    state.measured.n.forEach((n) => {
      if (level[n] !== 2 || state.data.points.of[n] >= 0 || drawn.has(n) || !passes(state, n)) return;
      const f = state.data.features[n];
      if (!f.shape.lines.length) return;
      RM.symbols.line(c, () => path(v, f.shape.plot.lines), f, state.style.colour(f), 2, state.style.dash(f));
      state.screen.push({ f, kind: "line", plots: f.shape.plot.lines });
    });
    c.lineJoin = "round";
    path(v, t.shape.plot.lines.concat(...t.shape.plot.areas));
    c.strokeStyle = P.accent; c.lineWidth = 2; c.setLineDash([]); c.globalAlpha = 0.85; c.stroke(); c.globalAlpha = 1;
    if (!t.adhoc) return;
    t.shape.plot.points.forEach((p) => {   // a place of the reader's own has no other mark
      const x = v.x(p.xy[0]), y = v.y(p.xy[1]);
      c.beginPath(); c.moveTo(x - 9, y); c.lineTo(x + 9, y); c.moveTo(x, y - 9); c.lineTo(x, y + 9); c.stroke();
    });
  }

  // A ring around each mark that holds an answer: closed where one is certain.
  function rings(v, state, box) {
    const c = v.ctx, P = state.data.style.paper, { level } = state.answer, test = seen(state);
    if (state.crowd) RM.crowd.rings(v, state, state.crowd, box);
    state.marks.forEach((m) => {
      const hits = state.crowd && m.items.length === 1 && m.r === state.crowd.r ? [] : m.items.filter((i) => test(i.f.n));
      if (!hits.length) return;
      const certain = hits.some((i) => level[i.f.n] === 2);
      c.beginPath(); c.arc(m.x, m.y, m.r + (certain ? 4 : 3), 0, 7);
      c.strokeStyle = certain ? P.accent : P.quiet; c.lineWidth = certain ? 2.2 : 1.1;
      c.setLineDash(certain ? [] : [2.5, 2.5]); c.stroke(); c.setLineDash([]);
    });
  }

  function focus(v, state) {
    const c = v.ctx, f = state.focus, P = state.data.style.paper, s = f.shape.plot;
    if (s.points.length) {
      const x = v.x(s.points[0].xy[0]), y = v.y(s.points[0].xy[1]), r = f.acc * pixels(v, f.spot[1]);
      if (r > 12 && r < 5000) {
        c.beginPath(); c.arc(x, y, r, 0, 7);
        c.globalAlpha = 0.1; c.fillStyle = P.accent; c.fill(); c.globalAlpha = 0.8;
        c.strokeStyle = P.accent; c.lineWidth = 1.2; c.setLineDash([5, 4]); c.stroke(); c.setLineDash([]); c.globalAlpha = 1;
      }
      c.beginPath(); c.arc(x, y, 11, 0, 7); c.strokeStyle = P.accent; c.lineWidth = 2.4; c.stroke();
    }
    path(v, s.lines.concat(...s.areas));
    c.strokeStyle = P.accent; c.lineWidth = 3; c.globalAlpha = 0.75; c.stroke(); c.globalAlpha = 1;
  }

  RM.answer = { band, passes, seen, lines, rings, focus };
})(window.RM = window.RM || {});
