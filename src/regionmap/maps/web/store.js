// The page's data: read once from inert JSON, decoded into arrays for measuring and for drawing.
(function (RM) {
  "use strict";

  function undelta(list, scale) {
    const out = new Float64Array(list.length);
    let x = 0, y = 0;
    for (let i = 0; i < list.length; i += 2) {
      x += list[i]; y += list[i + 1];
      out[i] = x / scale; out[i + 1] = y / scale;
    }
    return out;
  }

  // A line or ring as the painter wants it: Mercator coordinates and their box.
  function plot(path) {
    const xy = new Float64Array(path.length), box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < path.length; i += 2) {
      const x = xy[i] = RM.geo.mercX(path[i]), y = xy[i + 1] = RM.geo.mercY(path[i + 1]);
      box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y);
    }
    return { xy, box };
  }

  function decode(raw) {
    return plotted({
      points: (raw.p || []).map((l) => undelta(l, 1e6)),
      lines: (raw.l || []).map((l) => undelta(l, 1e6)),
      areas: (raw.a || []).map((rings) => rings.map((l) => undelta(l, 1e5))),
    });
  }

  function plotted(shape) {
    shape.plot = {
      points: shape.points.map(plot),
      lines: shape.lines.map(plot),
      areas: shape.areas.map((rings) => rings.map(plot)),
    };
    return shape;
  }

  const rings = (lists) => lists.map((l) => plot(undelta(l, 1e4)));

  function load() {
    const data = JSON.parse(document.getElementById("rm-data").textContent);
    data.strings = JSON.parse(document.getElementById("rm-strings").textContent);
    data.shapes = data.shapes.map(decode);
    data.features.forEach((f, n) => {
      f.n = n;
      f.shape = f.g === undefined ? null : data.shapes[f.g];
      f.aliases = f.aliases || [];
      const cited = f.cites.map((c) => data.plans[c[0]].short + " " + c[1]);
      f.text = [f.name, f.en || "", f.id].concat(f.aliases, cited).join("\n").toLowerCase();
      f.spot = spot(f);
      f.weight = Math.min(0.9, 0.1 * f.cites.reduce((n, c) => n + c[1].split(";").length, 0));   // how often named
    });
    data.columns = columns(data);
    data.points = points(data);
    data.layers.forEach((layer) => { if (layer.filled) layer.filled.cells.forEach((cell, k) => region(data, layer, cell, k)); });
    const base = data.base;
    base.own = rings(base.own);
    base.land = rings(base.land);
    base.around = rings(base.around);
    Object.keys(base.edges).forEach((k) => { base.edges[k] = rings(base.edges[k]); });
    base.box = base.land.concat(base.around, base.own).reduce((a, p) => [
      Math.min(a[0], p.box[0]), Math.min(a[1], p.box[1]), Math.max(a[2], p.box[2]), Math.max(a[3], p.box[3]),
    ], [1, 1, 0, 0]);
    base.waters.forEach((w) => { w.plot = plot(undelta(w.l || w.a, 1e4)); });
    base.units.forEach((u) => { u.xy = [RM.geo.mercX(u.at[0]), RM.geo.mercY(u.at[1])]; });
    return data;
  }

  // The names of units in the language of the page.
  function relabel(data, lang) {
    data.base.units.forEach((u) => { u.label = lang === "en" && u.en ? u.en : u.level === "city" ? u.short : u.name; });
  }

  // What is asked of the whole table, by feature number: codes with their words, or numbers (NaN: none).
  function columns(data) {
    const size = data.features.length;
    const coded = (words, value) => {
      const place = new Map(words.map((w, k) => [w, k])), codes = new Uint16Array(size);
      data.features.forEach((f, n) => { codes[n] = place.get(value(f)); });
      return { codes, words };
    };
    const words = (key) => coded([...new Set(data.features.map((f) => f[key] || ""))], (f) => f[key] || "");
    const numbers = (key) => Float64Array.from(data.features, (f) => (f[key] === undefined ? NaN : f[key]));
    const plan = data.features.map((f) => (f.cites.find((c) => c[4] === f.id) || [data.plans.length])[0]);
    return {
      kind: words("kind"), sector: words("sector"), status: words("status"), precision: words("precision"),
      plan: { codes: Uint16Array.from(plan), words: data.plans.map((p) => p.short).concat("") },
      start: numbers("start"), end: numbers("end"), acc: numbers("acc"),
      context: Uint8Array.from(data.features, (f) => (f.ctx ? 1 : 0)), placed: Uint8Array.from(data.features, (f) => (f.shape ? 1 : 0)),
    };
  }

  // Things that are one point, in columns: which they are, and where.
  function points(data) {
    const of = new Int32Array(data.features.length).fill(-1), n = [], lonlat = [];
    data.features.forEach((f, i) => {
      const s = f.shape;
      if (!s || s.points.length !== 1 || s.lines.length || s.areas.length) return;
      of[i] = n.length; n.push(i); lonlat.push(s.points[0][0], s.points[0][1]);
    });
    return { of, n: Uint32Array.from(n), lonlat: Float64Array.from(lonlat), xyz: RM.near.centred(lonlat) };
  }

  // A region of a filled layer, as something that can be searched, clicked and focused like a feature.
  function region(data, layer, cell, k) {
    const said = (cell.t || []).map((n) => data.targets[n].indicator);
    cell.records = (cell.f || []).map((n) => data.features[n]);
    cell.f = { n: layer.title + "/" + k, name: cell.name, cites: [], aliases: [], at: cell.at, cell, layer, shape: data.shapes[cell.g] };
    cell.f.text = [cell.name].concat(said).join("\n").toLowerCase();
    cell.f.spot = spot(cell.f);
  }

  // The name that readers of the page's language see.
  const label = (state, f) => (state.lang === "en" && f.en ? f.en : f.name);

  // Where a feature's popup opens and its label stands.
  function spot(f) {
    if (!f.shape) return null;
    if (f.at) return f.at[0];
    const s = f.shape;
    if (s.points.length) return [s.points[0][0], s.points[0][1]];
    const path = s.lines.length ? s.lines.reduce((a, b) => (b.length > a.length ? b : a)) : s.areas[0][0];
    const i = 2 * Math.floor(path.length / 4);
    return [path[i], path[i + 1]];
  }

  function bounds(f) {
    const b = L.latLngBounds([]);
    const s = f.shape;
    s.points.concat(s.lines, ...s.areas).forEach((p) => {
      for (let i = 0; i < p.length; i += 2) b.extend([p[i + 1], p[i]]);
    });
    return b;
  }

  RM.store = { load, relabel, bounds, label, plot, plotted, spot };
})(window.RM = window.RM || {});
