// The list as a file: CSV whose cells a spreadsheet shows as text, and GeoJSON (RFC 7946).
(function (RM) {
  "use strict";

  // A cell that begins as a formula does (in the signs of any keyboard) gets an apostrophe before it.
  function cell(value) {
    let text = value === null || value === undefined ? "" : String(value);
    if (/^[\s\ufeff]*[=+\-@|\uff1d\uff0b\uff0d\uff20\t\r\n]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)) text = "'" + text;
    return /[",;\t\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  const COLUMNS = ["id", "name", "name_en", "kind", "sector", "status", "start", "end", "distance_m", "certainty", "chainage_m", "side", "accuracy_m", "citations"];

  // What both files say of a thing: `k` is its place in what was measured.
  function record(state, k) {
    const m = state.measured, f = state.data.features[m.n[k]], plans = state.data.plans, w = state.words;
    return {
      id: f.id, name: f.name, name_en: f.en || "", kind: w("kind", f.kind), sector: w("sector", f.sector), status: w("status", f.status),
      start: f.start || "", end: f.end || "", distance_m: Number(m.d[k].toFixed(1)), certainty: state.answer.level[m.n[k]] === 2 ? "certain" : "possible",
      chainage_m: m.along[k] >= 0 ? Math.round(m.along[k]) : "", side: { 1: "left", "-1": "right" }[m.side[k]] || "",
      accuracy_m: f.acc === undefined ? "" : f.acc, citations: f.cites.map((c) => plans[c[0]].short + " " + c[1]).join("; "),
    };
  }

  function csvText(state, list) {
    const lines = [COLUMNS.join(",")];   // also where nothing lies within the distance
    list.forEach((k) => {
      const r = record(state, k);
      lines.push(COLUMNS.map((key) => cell(r[key])).join(","));
    });
    return "\ufeff" + lines.join("\r\n") + "\r\n";
  }

  const place = (p, i) => [Number(p[i].toFixed(6)), Number(p[i + 1].toFixed(6))];
  const path = (p) => { const out = []; for (let i = 0; i < p.length; i += 2) out.push(place(p, i)); return out; };

  // Rings are closed, the outer one counter-clockwise, holes clockwise.
  function ring(p, outer) {
    const out = path(p), a = out[0], z = out[out.length - 1];
    if (a[0] !== z[0] || a[1] !== z[1]) out.push(a.slice());
    let area = 0;
    for (let i = 1; i < out.length; i++) area += (out[i][0] - out[i - 1][0]) * (out[i][1] + out[i - 1][1]);
    return (area < 0) === outer ? out : out.reverse();
  }

  function geometry(shape) {
    const one = (type, list) => (list.length ? [list.length === 1 ? { type, coordinates: list[0] } : { type: "Multi" + type, coordinates: list }] : []);
    const parts = one("Point", shape.points.map((p) => place(p, 0))).concat(one("LineString", shape.lines.map(path)),
      one("Polygon", shape.areas.map((rings) => rings.map((r, n) => ring(r, n === 0)))));
    return parts.length === 1 ? parts[0] : { type: "GeometryCollection", geometries: parts };
  }

  function geojsonText(state, list) {
    const { target, km } = state.answer, full = (k) => {
      const r = record(state, k);
      Object.keys(r).forEach((key) => { if (r[key] === "") r[key] = null; });
      return { type: "Feature", id: r.id, geometry: geometry(state.data.features[state.measured.n[k]].shape), properties: r };
    };
    const question = { target: target.name, target_id: target.id || null, within_km: km, geometry: geometry(target.shape), method: state.strings.methodText, certain: state.strings.certainText };
    return JSON.stringify({ type: "FeatureCollection", question, features: Array.from(list, full) });
  }

  // A file name without signs that a system or a reader may take for something else.
  const safe = (name) => name.replace(/[\\/:*?"<>|\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, "_").replace(/^[.\s]+|[.\s]+$/g, "").slice(0, 80) || "list";

  function save(name, text, type) {
    const a = RM.popup.h("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    document.body.append(a);
    a.click();
    a.remove();
    setTimeout(() => URL.revokeObjectURL(a.href), 1000);
  }

  const csv = (state, list) => save(safe(state.answer.target.name) + ".csv", csvText(state, list), "text/csv");
  const geojson = (state, list) => save(safe(state.answer.target.name) + ".geojson", geojsonText(state, list), "application/geo+json");

  RM.download = { csv, geojson, csvText, geojsonText, cell, safe, save };
})(window.RM = window.RM || {});
