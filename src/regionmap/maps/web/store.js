// The page's data: read once from an inert element, decoded into arrays for measuring and for drawing.
(function (RM) {
  "use strict";

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

  // Takes paths, one after the other, out of the page's two long columns of differences.
  function taker(index, read) {
    const [x, y] = index.paths.map(read.zigzag);
    let at = 0;
    return (length, scale) => {
      const out = new Float64Array(length);
      let lon = 0, lat = 0;
      for (let i = 0; i < length; i += 2, at++) {
        lon += x[at]; lat += y[at];
        out[i] = lon / scale; out[i + 1] = lat / scale;
      }
      return out;
    };
  }

  // A geometry; its lengths stand in the order of their paths.
  function decode(raw, take) {
    const shape = { points: [], lines: [], areas: [] };
    Object.keys(raw).forEach((key) => {
      if (key === "p") shape.points = raw.p.map((n) => take(n, 1e6));
      if (key === "l") shape.lines = raw.l.map((n) => take(n, 1e6));
      if (key === "a") shape.areas = raw.a.map((rings) => rings.map((n) => take(n, 1e5)));
    });
    return plotted(shape);
  }

  function plotted(shape) {
    shape.plot = {
      points: shape.points.map(plot),
      lines: shape.lines.map(plot),
      areas: shape.areas.map((rings) => rings.map(plot)),
    };
    return shape;
  }

  // Everything of the page, decoded: a promise.
  function load() {
    const strings = JSON.parse(document.getElementById("rm-strings").textContent);
    return RM.unpack(document.getElementById("rm-data").textContent).then(({ index, read }) => {
      const data = Object.assign(index, { strings }), t = RM.features.table(index.features, read, data);
      data.layers.forEach((layer) => { layer.features = Array.from(read.steps(layer.features)); });
      sums(data.sums, read);
      const take = taker(index, read);
      data.shapes = data.shapes.map((raw) => decode(raw, take));
      data.features = RM.features.features(t);
      data.columns = RM.features.columns(t);
      data.points = t.points;
      data.table = t;
      data.layers.forEach((layer) => { if (layer.filled) layer.filled.cells.forEach((cell, k) => region(data, layer, cell, k)); });
      base(data, take);
      return data;
    });
  }

  // The columns of the summary table, in the order of the index.
  function sums(raw, read) {
    const money = () => { const place = read.steps(raw.money), yuan = read.numbers(raw.yuan)(); return Array.from(place, (p, k) => [p, yuan[k] === yuan[k] ? yuan[k] : null]); };
    const own = { things: () => Array.from(read.steps(raw.things)), money, yuan: () => null };
    Object.keys(raw).forEach((key) => {
      if (own[key]) raw[key] = own[key]();
      else if (raw[key].codes) raw[key].codes = Array.from(read.whole(raw[key].codes));
    });
  }

  function base(data, take) {
    const rings = (lengths) => lengths.map((n) => plot(take(n, 1e4)));
    const own = {
      own: rings, around: rings, land: rings,
      edges: (raw) => { Object.keys(raw).forEach((k) => { raw[k] = rings(raw[k]); }); return raw; },
      waters: (raw) => raw.map((w) => Object.assign(w, { plot: plot(take(w.l || w.a, 1e4)) })),
      units: (raw) => raw.map((u) => Object.assign(u, { xy: [RM.geo.mercX(u.at[0]), RM.geo.mercY(u.at[1])] })),
    };
    const b = data.base;
    Object.keys(b).forEach((key) => { b[key] = own[key](b[key]); });   // in the order of their paths
    b.box = b.land.concat(b.around, b.own).reduce((a, p) => [
      Math.min(a[0], p.box[0]), Math.min(a[1], p.box[1]), Math.max(a[2], p.box[2]), Math.max(a[3], p.box[3]),
    ], [1, 1, 0, 0]);
  }

  // The names of units in the language of the page.
  function relabel(data, lang) {
    data.base.units.forEach((u) => { u.label = lang === "en" && u.en ? u.en : u.level === "city" ? u.short : u.name; });
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
