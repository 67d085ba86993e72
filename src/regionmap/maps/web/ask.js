// The question: what lies within a distance of a feature, certain and possible (the formula of rm.near).
(function (RM) {
  "use strict";

  // Every candidate's distance to the target, computed once; the slider then only filters.
  function measure(state, target) {
    const parts = new Set(state.data.question.parts[target.n] || []);
    const starts = target.shape.lines.map(RM.geo.chainages);
    const rows = [];
    state.data.features.forEach((f) => {
      if (f === target || f.ctx || f.kind === "zone" || !f.shape || parts.has(f.n)) return;
      const near = RM.geo.distance(f.shape, target.shape);
      const slack = (f.acc || 0) + (target.acc || 0);
      rows.push({ f, d: near.d, slack, along: along(target, starts, near), side: near.d > 0 ? near.side : 0 });
    });
    return rows.sort((a, b) => a.d - b.d || (a.f.id < b.f.id ? -1 : 1));
  }

  // Metres from the start of a line of one part to the nearest place.
  function along(target, starts, near) {
    if (starts.length !== 1 || near.piece < 0 || target.shape.areas.length) return null;
    const s = starts[0], i = Math.min(near.piece, s.length - 2);
    return s[i] + (near.t || 0) * (s[i + 1] - s[i]);
  }

  function answer(state, target, km) {
    if (!state.measured || state.measured.target !== target) state.measured = { target, rows: measure(state, target) };
    const limit = km * 1000;
    const rows = state.measured.rows
      .filter((r) => r.d - r.slack <= limit)
      .map((r) => Object.assign({ certain: r.d + r.slack <= limit }, r));
    return { target, km, rows };
  }

  // One cell that a spreadsheet shows as text.
  function cell(value) {
    let text = value === null || value === undefined ? "" : String(value);
    if (/^[=+\-@\t\r]./.test(text) && !/^-?\d+(\.\d+)?$/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function csv(state, rows) {
    const t = state.words;
    const head = ["id", "name", "kind", "distance_m", "certainty", "chainage_m", "accuracy_m", "status", "citations"];
    const body = rows.map((r) => [
      r.f.id, r.f.name, t("kind", r.f.kind), r.d.toFixed(1), r.certain ? "certain" : "possible",
      r.along === null ? "" : r.along.toFixed(0), r.f.acc, t("status", r.f.status),
      r.f.cites.map((c) => state.data.plans[c[0]].short + " " + c[1]).join("; "),
    ]);
    return "\ufeff" + [head].concat(body).map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
  }

  RM.ask = { answer, csv, cell };
})(window.RM = window.RM || {});
