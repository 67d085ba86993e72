// One canvas under Leaflet's popups that paints everything: base map, layers, the question, labels.
(function (RM) {
  "use strict";
  const { seen, trace, path, pixels } = RM.paths;

  const Canvas = L.Renderer.extend({
    initialize(state) {   // how far around the frame is painted in advance: less where painting takes long
      L.Renderer.prototype.initialize.call(this, { padding: state.data.features.length > 5000 ? 0.1 : 0.25 });
      this.state = state;
    },
    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this.ctx = this._container.getContext("2d");
    },
    _destroyContainer() { this._container.remove(); },
    _updatePaths() {},
    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize(), ratio = this.state.ratio || (window.devicePixelRatio > 1 ? 2 : 1), c = this._container;
      L.DomUtil.setPosition(c, this._bounds.min);
      if (c.width !== size.x * ratio || c.height !== size.y * ratio) {
        c.width = size.x * ratio; c.height = size.y * ratio;
        c.style.width = size.x + "px"; c.style.height = size.y + "px";
      }
      this.ratio = ratio;
      this.paint();
    },
    // Many changes, one painting.
    together(changes) {
      this.held = true;
      changes();
      this.held = false;
      this.paint();
    },
    paint() {
      const v = this.held ? null : this.view();
      if (!v) return;
      this.split = null;
      this.ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      ground(v, this.state);
      if (this.state.answer) RM.answer.band(v, this.state);
      above(v, this.state, true);
    },
    // A tick of the question's distance: what lies under its band and what over it is painted once, aside; then
    // only band and rings change, where one sees them.
    tick() {
      const v = this.view(), state = this.state;
      if (!v) return;
      const aside = (call) => {
        const canvas = document.createElement("canvas"), ctx = canvas.getContext("2d");
        canvas.width = this._container.width; canvas.height = this._container.height;
        ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
        call(Object.assign({}, v, { ctx }), state);
        return canvas;
      };
      if (!this.split) this.split = { under: aside(ground), over: aside((w) => above(w, state, false)) };
      const [x, y, far, low] = v.port.map((p) => p * this.ratio), w = far - x, h = low - y, c = this.ctx;
      c.save();
      c.setTransform(1, 0, 0, 1, 0, 0);
      c.drawImage(this.split.under, x, y, w, h, x, y, w, h);
      c.restore();
      if (state.answer) RM.answer.band(v, state, v.port);
      c.save();
      c.setTransform(1, 0, 0, 1, 0, 0);
      c.drawImage(this.split.over, x, y, w, h, x, y, w, h);
      c.restore();
      if (state.answer) RM.answer.rings(v, state, v.port);
    },
    view() {
      if (!this._map || !this._bounds || !this._container.width || !this._container.height) return null;
      const size = this._bounds.getSize(), origin = this._map.getPixelOrigin(), S = 256 * Math.pow(2, this._map.getZoom());
      const view = {
        ctx: this.ctx, S, zoom: this._map.getZoom(), width: size.x, height: size.y, ratio: this.ratio,
        dx: -origin.x - this._bounds.min.x, dy: -origin.y - this._bounds.min.y, map: this._map,
      };
      view.x = (m) => m * S + view.dx;
      view.y = (m) => m * S + view.dy;
      const corner = this._map.containerPointToLayerPoint([0, 0]).subtract(this._bounds.min), port = this._map.getSize();
      view.port = [corner.x, corner.y, corner.x + port.x, corner.y + port.y];
      return view;
    },
  });

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
  function above(v, state, ringed) {
    const { crowd } = state.drawn, few = crowd.count <= RM.crowd.MOST, items = state.drawn.items.concat(few ? alone(state, crowd) : []);
    const lines = items.filter((i) => i.f.shape.lines.length);
    state.crowd = few ? null : crowd;
    if (!few) RM.crowd.paint(v, state, crowd);
    lines.filter((i) => i.f.ctx).concat(lines.filter((i) => !i.f.ctx)).forEach((i) => paintLine(v, state, i));
    if (state.answer) RM.answer.lines(v, state);
    paintPoints(v, state, items);
    if (ringed && state.answer) RM.answer.rings(v, state);
    if (state.focus && state.focus.shape) RM.answer.focus(v, state);
    if (!few) state.marks = state.marks.concat(RM.crowd.named(v, state, crowd));
    state.boxes = RM.labels.paint(v, state, items);
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

  // A crowd that is small enough: as items.
  function alone(state, crowd) {
    const { layers, features, style: { each } } = state.data;
    return Array.from({ length: crowd.count }, (_, i) => {
      const f = features[crowd.n[i]], k = crowd.k[i], layer = layers[crowd.layer[i]] || ANSWERS;
      return { f, layer, k, colour: layer.colour === "each" ? each[k % each.length] : state.style.colour(f) };
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

  // Point things on one spot, or so near that their marks would lie on each other, become one mark with
  // their number.
  function paintPoints(v, state, items) {
    const spots = new Map();
    items.forEach((i) => {
      const small = i.f.shape.areas.length && !i.area;
      (small ? [RM.store.plot(i.f.spot)] : i.f.shape.plot.points).forEach((p) => {
        if (!seen(v, p.box)) return;
        const x = v.x(p.xy[0]), y = v.y(p.xy[1]), key = Math.round(x * 2) + "," + Math.round(y * 2);
        if (spots.has(key)) spots.get(key).items.push(i); else spots.set(key, { x, y, items: [i] });
      });
    });
    const c = v.ctx, r = v.zoom < 6 ? 4 : v.zoom < 8 ? 5 : 6.2;
    spots.forEach((m) => {
      m.items.sort((a, b) => rank(a) - rank(b));
      const town = m.items.find((i) => i.f.precision === "town");
      if (town) disc(v, m.x, m.y, town.f, town.colour);
    });
    const marks = merged([...spots.values()], r * 2.1).sort((a, b) => a.y - b.y);
    marks.forEach((m) => {
      const top = m.items[0];
      c.save();
      c.translate(m.x, m.y);
      RM.symbols.symbol(c, state.style.shape(top.f), top.colour, top.f.precision, r);
      m.badge = m.items.length > 1 ? badge(c, state.data.style.paper, m.items.length, r) : 0;
      c.restore();
      state.screen.push({ f: top.f, kind: "point", x: m.x, y: m.y, r, all: m.items.map((i) => i.f) });
      m.r = r;
    });
    state.marks = marks;
  }

  // The marks that matter most keep their place; those within `gap` pixels join them.
  function merged(spots, gap) {
    const kept = [], grid = new Map();
    const cell = (x, y) => Math.floor(x / gap) + "," + Math.floor(y / gap);
    spots.sort((a, b) => rank(a.items[0]) - rank(b.items[0]) || b.items.length - a.items.length || a.y - b.y || a.x - b.x);
    spots.forEach((m) => {
      let home = null;
      for (let dx = -1; dx <= 1 && !home; dx++) {
        for (let dy = -1; dy <= 1 && !home; dy++) {
          home = (grid.get(cell(m.x + dx * gap, m.y + dy * gap)) || []).find((k) => Math.hypot(k.x - m.x, k.y - m.y) < gap) || null;
        }
      }
      if (home) { home.items = home.items.concat(m.items.filter((i) => !home.items.includes(i))); return; }
      kept.push(m);
      const key = cell(m.x, m.y);
      if (grid.has(key)) grid.get(key).push(m); else grid.set(key, [m]);
    });
    kept.forEach((m) => m.items.sort((a, b) => rank(a) - rank(b)));
    return kept;
  }

  // A known site before a town before "somewhere in the county"; then by kind and by how often the plans name
  // it; what stands at several places after what stands here; context last.
  const ORDER = { corridor: 0, hub: 1, park: 2, facility: 3, project: 4, zone: 5 };
  const PLACED = { surveyed: 0, traced: 0, site: 0, town: 6, county: 12, city: 18, province: 24 };
  const rank = (i) => (i.f.ctx ? 40 : 0) + PLACED[i.f.precision] + ORDER[i.f.kind] - i.f.weight + (i.f.shape.points.length > 1 ? 5 : 0);

  function badge(c, paper, count, r) {
    c.font = "600 9px " + RM.labels.FONT;
    c.textAlign = "center"; c.textBaseline = "middle";
    const text = String(count), w = Math.max(11, c.measureText(text).width + 5);
    c.fillStyle = paper.ink;
    c.beginPath(); c.rect(r * 0.5, -r - 6, w, 11); c.fill();
    c.fillStyle = paper.face; c.fillText(text, r * 0.5 + w / 2, -r - 0.2);
    return w;
  }

  // "Somewhere within": a soft disc of the accuracy, never a pin.
  function disc(v, x, y, f, colour) {
    const c = v.ctx, r = f.acc * pixels(v, f.spot[1]);
    if (r < 9 || r > 0.6 * Math.max(v.port[2] - v.port[0], v.port[3] - v.port[1])) return;
    const g = c.createRadialGradient(x, y, 0, x, y, r);
    g.addColorStop(0, colour); g.addColorStop(0.75, colour); g.addColorStop(1, colour + "00");
    c.globalAlpha = 0.07; c.fillStyle = g; c.beginPath(); c.arc(x, y, r, 0, 7); c.fill(); c.globalAlpha = 1;
  }

  // What is under a container point, the best first: marks, then lines, then areas.
  function hit(canvas, state, point) {
    const at = canvas._map.containerPointToLayerPoint(point).subtract(canvas._bounds.min), found = RM.crowd.hit(state, at.x, at.y).map((f, k) => [k / 10, [f]]);
    state.screen.filter((s) => s.kind === "point").forEach((s) => {
      const d = Math.hypot(s.x - at.x, s.y - at.y);
      if (d < s.r + 6) found.push([d, s.all]);
    });
    if (found.length) return [].concat(...found.sort((a, b) => a[0] - b[0]).map((x) => x[1]));
    const c = canvas.ctx;
    const lines = state.screen.filter((s) => s.kind === "line" && s.plots.some((p) => {
      const v = view(canvas);
      c.setTransform(1, 0, 0, 1, 0, 0);
      c.beginPath(); trace(v, p); c.lineWidth = 11; c.setLineDash([]);
      return c.isPointInStroke(at.x, at.y);
    })).map((s) => s.f);
    const where = canvas._map.containerPointToLatLng(point);
    const areas = state.screen.filter((s) => s.kind === "area" && RM.geo.inside(where.lng, where.lat, s.f.shape)).map((s) => s.f);
    return lines.length ? lines.concat(areas) : areas.sort((a, b) => (a.km2 || 0) - (b.km2 || 0));
  }

  function view(canvas) {
    const origin = canvas._map.getPixelOrigin(), S = 256 * Math.pow(2, canvas._map.getZoom());
    const size = canvas._bounds.getSize();
    return {
      ctx: canvas.ctx, width: size.x, height: size.y,
      x: (m) => m * S - origin.x - canvas._bounds.min.x,
      y: (m) => m * S - origin.y - canvas._bounds.min.y,
    };
  }

  RM.draw = { Canvas, hit, lineWidth, visible };
})(window.RM = window.RM || {});
