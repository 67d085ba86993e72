// The question on the map: the band of its distance, the answers, and what is in focus.
(function (RM) {
  "use strict";
  const { beyond, path, pixels } = RM.paths;
  const FINE = { surveyed: 1, traced: 1, site: 1, town: 1 };

  // All within the distance of the asked feature: its line with the width of the distance.
  let sheet = null;
  function band(v, state) {
    const f = state.answer.target, P = state.data.style.paper;
    if (!sheet) sheet = document.createElement("canvas");
    sheet.width = v.width; sheet.height = v.height;
    const c = sheet.getContext("2d");
    c.strokeStyle = c.fillStyle = P.band; c.lineJoin = c.lineCap = "round";
    const all = f.shape.plot.lines.concat(f.shape.plot.points, ...f.shape.plot.areas);
    all.forEach((p) => {
      for (let i = 0; i < p.xy.length; i += 2) {
        const j = Math.min(i + 2, p.xy.length - 2), ax = v.x(p.xy[i]), ay = v.y(p.xy[i + 1]), bx = v.x(p.xy[j]), by = v.y(p.xy[j + 1]);
        c.lineWidth = Math.max(1, 2 * state.answer.km * 1000 * pixels(v, lat((p.xy[i + 1] + p.xy[j + 1]) / 2)));
        if (beyond(v, ax, ay, bx, by, c.lineWidth)) continue;
        c.beginPath(); c.moveTo(ax, ay); c.lineTo(bx + 0.01, by); c.stroke();
      }
    });
    v.ctx.globalAlpha = 0.2;
    v.ctx.drawImage(sheet, 0, 0);
    v.ctx.globalAlpha = 1;
  }
  const lat = (y) => Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI;

  // Whether a thing of the answer is to be seen: the page's filter, then the list's own.
  const passes = (state, n) => (!state.keep || !!state.keep[n]) && (!state.sift || !!state.sift[n]) && state.answer.level[n] > (state.sure ? 1 : 0);

  // Certain things are drawn even where their layer is off; possible ones only where their town is known and
  // the doubt is not far wider than the question (the list names all of them).
  const shown = (state) => (state.answer ? state.answer.rows() : []).filter((row) => passes(state, row.f.n)
    && (row.certain || (FINE[row.f.precision] && row.slack <= 2000 * Math.max(5, state.answer.km))));

  function lines(v, state) {
    const c = v.ctx, t = state.answer.target, P = state.data.style.paper, drawn = new Set(state.screen.map((s) => s.f.n));
    shown(state).filter((row) => row.certain && row.f.shape.lines.length && !drawn.has(row.f.n)).forEach(({ f }) => {
      RM.symbols.line(c, () => path(v, f.shape.plot.lines), f, state.style.colour(f), 2, state.style.dash(f));
      state.screen.push({ f, kind: "line", plots: f.shape.plot.lines });
    });
    c.lineJoin = "round";
    path(v, t.shape.plot.lines.concat(...t.shape.plot.areas));
    c.strokeStyle = P.accent; c.lineWidth = 2; c.setLineDash([]); c.globalAlpha = 0.85; c.stroke(); c.globalAlpha = 1;
  }

  // A ring around each mark that holds an answer: closed where one is certain.
  function rings(v, state) {
    const c = v.ctx, P = state.data.style.paper, sure = new Map(shown(state).map((row) => [row.f.n, row.certain]));
    state.marks.forEach((m) => {
      const hits = m.items.filter((i) => sure.has(i.f.n));
      if (!hits.length) return;
      const certain = hits.some((i) => sure.get(i.f.n));
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

  RM.answer = { band, passes, shown, lines, rings, focus };
})(window.RM = window.RM || {});
