// What is painted, in which order: base map, layers, the question, labels; and what lies under a place.
(function (RM) {
  "use strict";
  const { seen, trace, path } = RM.paths;

  // The whole picture, in steps that are short enough for a frame.
  function* painting(v, state) {
    ground(v, state);
    if (state.answer) RM.answer.band(v, state);
    yield;
    yield* above(v, state, true);
  }

  function whole(steps) { while (!steps.next().done); }

  // What lies under the band of a question: base map, filled regions, zones.
  function ground(v, state) {
    state.screen = [];
    RM.base.paint(v, state.data);
    RM.cells.paint(v, state);
    RM.reach.paint(v, state);
    const { items, singles } = shown(state);
    items.forEach((i) => { i.area = i.f.shape.areas.length && !tiny(v, i.f); });
    items.filter((i) => i.area).sort((a, b) => (b.f.km2 || 0) - (a.f.km2 || 0)).forEach((i) => paintZone(v, state, i));
    state.drawn = { items, crowd: RM.crowd.inSight(v, state, singles) };
  }

  // What lies over it: lines, points, rings, names.
  function* above(v, state, ringed) {
    const { crowd, items } = state.drawn, few = crowd.count <= RM.crowd.MOST, lines = items.filter((i) => i.f.shape.lines.length);
    state.crowd = few ? null : crowd;
    if (!few) RM.crowd.paint(v, state, crowd);
    lines.filter((i) => i.f.ctx).concat(lines.filter((i) => !i.f.ctx)).forEach((i) => paintLine(v, state, i));
    if (state.answer) RM.answer.lines(v, state);
    yield;
    RM.marks.paint(v, state, items, few ? alone(state, crowd) : []);
    if (ringed && state.answer) RM.answer.rings(v, state);
    if (state.focus && state.focus.shape) RM.answer.focus(v, state);
    if (!few) state.marks = state.marks.concat(RM.crowd.named(v, state, crowd));
    yield;
    state.boxes = state.unnamed ? [] : yield* RM.labels.paint(v, state, items);
  }

  // An area of a few pixels is drawn and named as a point.
  function tiny(v, f) {
    const b = f.shape.box || (f.shape.box = [].concat(...f.shape.plot.areas).reduce((a, p) => [
      Math.min(a[0], p.box[0]), Math.min(a[1], p.box[1]), Math.max(a[2], p.box[2]), Math.max(a[3], p.box[3]),
    ], [1, 1, 0, 0]));
    return (b[2] - b[0]) * v.S < 10 && (b[3] - b[1]) * v.S < 10;
  }

  // What the checked layers show, each thing once; context only where one looks closely. Then what answers the
  // question without being on. Things that are one point stand apart: `singles`.
  function shown(state) {
    const { data, keep } = state, { features, columns, points } = data, done = new Uint8Array(features.length), near = state.map.getZoom() >= 6;
    const items = [], singles = RM.crowd.gather(state), colours = data.style.each, answers = data.layers.length;
    const take = (n, layer, number, k) => {
      if (done[n]) return;
      done[n] = 1;
      if (points.of[n] >= 0) RM.crowd.add(singles, n, number, k);
      else items.push({ f: features[n], layer, k, colour: layer.colour === "each" ? colours[k % colours.length] : state.style.colour(features[n]) });
    };
    data.layers.forEach((layer, number) => {
      if (!layer.visible) return;
      const hidden = layer.hidden && layer.hidden.size ? layer.hidden : null;
      layer.features.forEach((n, k) => {
        if (!columns.placed[n] || (keep && !keep[n]) || (columns.context[n] && !near) || (hidden && hidden.has(RM.legend.classOf(state, layer, features[n])))) return;
        take(n, layer, number, k);
      });
    });
    if (state.answer) {
      const seen = RM.answer.seen(state);
      state.measured.n.forEach((n, k) => { if (!done[n] && seen(n) && (points.of[n] >= 0 || features[n].shape.points.length)) take(n, ANSWERS, answers, k); });
    }
    return { items, singles };
  }
  const ANSWERS = { labels: true, colour: "sector" };

  // A crowd that is small enough: as items that know where they stand in the picture.
  function alone(state, crowd) {
    const { layers, features, style: { each } } = state.data;
    return Array.from({ length: crowd.count }, (_, i) => {
      const f = features[crowd.n[i]], k = crowd.k[i], layer = layers[crowd.layer[i]] || ANSWERS;
      return { f, layer, k, x: crowd.x[i], y: crowd.y[i], colour: layer.colour === "each" ? each[k % each.length] : state.style.colour(f) };
    });
  }

  // What the checked layers show of lines, areas and several points.
  const visible = (state) => shown(state).items;

  function paintZone(v, state, item) {
    const c = v.ctx, plots = [].concat(...item.f.shape.plot.areas);
    if (!plots.some((p) => seen(v, p.box))) return;
    path(v, plots, true);
    c.globalAlpha = 0.13; c.fillStyle = item.colour; c.fill("evenodd");
    c.globalAlpha = 1;
    if (item.layer.colour === "each") { c.fillStyle = RM.symbols.hatch(c, item.colour, item.k % 4); c.fill("evenodd"); }
    c.strokeStyle = state.data.style.paper.halo; c.lineWidth = 3.4; c.stroke();
    c.strokeStyle = item.colour; c.lineWidth = 1.7; c.setLineDash([7, 3]); c.stroke(); c.setLineDash([]);
    state.screen.push({ f: item.f, kind: "area" });
  }

  function lineWidth(v, f) {
    const base = f.ctx ? 1.9 : 2.9;
    return v.zoom < 6 ? base * 0.75 : v.zoom < 9 ? base : base * 1.25;
  }

  function paintLine(v, state, item) {
    const plots = item.f.shape.plot.lines;
    if (!plots.some((p) => seen(v, p.box))) return;
    v.ctx.globalAlpha = item.f.ctx ? 0.62 : 1;
    RM.symbols.line(v.ctx, () => path(v, plots), item.f, item.colour, lineWidth(v, item.f), state.style.dash(item.f));
    v.ctx.globalAlpha = 1;
    state.screen.push({ f: item.f, kind: "line", plots });
  }

  // What is under a container point, the best first: marks, then lines, then areas.
  function hit(canvas, state, point) {
    if (canvas.pending) return [];
    const at = canvas._map.containerPointToLayerPoint(point).subtract(canvas._bounds.min), found = RM.crowd.hit(state, at.x, at.y).map((f, k) => [k / 10, [f]]);
    state.screen.filter((s) => s.kind === "point").forEach((s) => {
      const d = Math.hypot(s.x - at.x, s.y - at.y);
      if (d < s.r + 6) found.push([d, s.all]);
    });
    if (found.length) return [].concat(...found.sort((a, b) => a[0] - b[0]).map((x) => x[1]));
    const c = canvas.ctx;
    const lines = state.screen.filter((s) => s.kind === "line" && s.plots.some((p) => {
      const v = canvas.view();
      c.setTransform(1, 0, 0, 1, 0, 0);
      c.beginPath(); trace(v, p); c.lineWidth = 11; c.setLineDash([]);
      return c.isPointInStroke(at.x, at.y);
    })).map((s) => s.f);
    const where = canvas._map.containerPointToLatLng(point);
    const areas = state.screen.filter((s) => s.kind === "area" && RM.geo.inside(where.lng, where.lat, s.f.shape)).map((s) => s.f);
    return lines.length ? lines.concat(areas) : areas.sort((a, b) => (a.km2 || 0) - (b.km2 || 0));
  }

  RM.draw = { painting, whole, ground, above, hit, lineWidth, visible };
})(window.RM = window.RM || {});
