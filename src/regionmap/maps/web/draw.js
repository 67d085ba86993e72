// One canvas under Leaflet's popups that paints everything: base map, layers, the question, labels.
(function (RM) {
  "use strict";

  const Canvas = L.Renderer.extend({
    options: { padding: 0.25 },
    initialize(state) { L.Renderer.prototype.initialize.call(this, {}); this.state = state; },
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
      const size = this._bounds.getSize(), ratio = window.devicePixelRatio > 1 ? 2 : 1, c = this._container;
      L.DomUtil.setPosition(c, this._bounds.min);
      if (c.width !== size.x * ratio || c.height !== size.y * ratio) {
        c.width = size.x * ratio; c.height = size.y * ratio;
        c.style.width = size.x + "px"; c.style.height = size.y + "px";
      }
      this.ratio = ratio;
      this.paint();
    },
    paint() {
      if (!this._map || !this._bounds || !this._container.width) return;
      const size = this._bounds.getSize(), origin = this._map.getPixelOrigin(), S = 256 * Math.pow(2, this._map.getZoom());
      const view = {
        ctx: this.ctx, S, zoom: this._map.getZoom(), width: size.x, height: size.y, ratio: this.ratio,
        dx: -origin.x - this._bounds.min.x, dy: -origin.y - this._bounds.min.y, map: this._map,
      };
      view.x = (m) => m * S + view.dx;
      view.y = (m) => m * S + view.dy;
      const corner = this._map.containerPointToLayerPoint([0, 0]).subtract(this._bounds.min), port = this._map.getSize();
      view.port = [corner.x, corner.y, corner.x + port.x, corner.y + port.y];
      this.ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      paintAll(view, this.state);
    },
  });

  const seen = (v, box) => v.x(box[2]) > -20 && v.x(box[0]) < v.width + 20 && v.y(box[3]) > -20 && v.y(box[1]) < v.height + 20;

  // Adds a plot to the current path, leaving out what is under half a pixel.
  function trace(v, plot, close) {
    const c = v.ctx, xy = plot.xy, n = xy.length;
    let px = v.x(xy[0]), py = v.y(xy[1]);
    c.moveTo(px, py);
    for (let i = 2; i < n; i += 2) {
      const x = v.x(xy[i]), y = v.y(xy[i + 1]);
      if (i < n - 2 && Math.abs(x - px) < 0.5 && Math.abs(y - py) < 0.5) continue;
      c.lineTo(x, y); px = x; py = y;
    }
    if (close) c.closePath();
  }

  function path(v, plots, close) {
    v.ctx.beginPath();
    plots.forEach((p) => { if (seen(v, p.box)) trace(v, p, close); });
  }

  function paintAll(v, state) {
    const c = v.ctx, data = state.data, P = data.style.paper;
    c.globalAlpha = 1;
    c.fillStyle = P.sea;
    c.fillRect(0, 0, v.width, v.height);
    paintBase(v, data, P);
    state.screen = [];
    const items = visible(state);
    items.filter((i) => i.f.shape.areas.length).forEach((i) => paintZone(v, state, i));
    if (state.answer) paintBand(v, state);
    const lines = items.filter((i) => i.f.shape.lines.length);
    lines.filter((i) => i.f.ctx).concat(lines.filter((i) => !i.f.ctx)).forEach((i) => paintLine(v, state, i));
    paintPoints(v, state, items);
    if (state.answer) paintAnswer(v, state);
    if (state.focus && state.focus.shape) paintFocus(v, state);
    state.boxes = RM.labels.paint(v, state, items);
  }

  function paintBase(v, data, P) {
    const c = v.ctx, base = data.base;
    c.lineJoin = "round"; c.lineCap = "round";
    const fill = (plots, colour) => { c.fillStyle = colour; path(v, plots, true); c.fill("evenodd"); };
    const stroke = (plots, colour, width, dash) => {
      c.strokeStyle = colour; c.lineWidth = width; c.setLineDash(dash || []); path(v, plots); c.stroke(); c.setLineDash([]);
    };
    fill(base.land, P.land);
    base.around.forEach((ring) => fill([ring], P.land));
    if (base.edges.around && v.zoom >= 5) stroke(base.edges.around, P.county, 1);
    fill(base.own, P.own);
    base.waters.forEach((w) => {
      if (!seen(v, w.plot.box)) return;
      if (w.a) fill([w.plot], P.water); else stroke([w.plot], P.water, v.zoom < 8 ? 1.1 : 1.8);
    });
    if (data.units === "county" && v.zoom >= 7) stroke(base.edges.county, P.county, 0.8);
    if (data.units !== "none") stroke(base.edges.city, P.city, v.zoom < 7 ? 0.7 : 1.1);
    c.globalAlpha = 0.16; stroke(base.edges.province, P.province, 7); c.globalAlpha = 1;
    stroke(base.edges.province, P.province, 1.3, [9, 3, 2, 3]);
    if (base.edges.state) stroke(base.edges.state, P.state, 1.8, [10, 3, 2, 3]);
  }

  // What the checked layers show, each thing once, with its colour.
  function visible(state) {
    const out = [], done = new Set();
    state.data.layers.forEach((layer) => {
      if (!layer.visible) return;
      layer.features.forEach((n, k) => {
        const f = state.data.features[n];
        if (done.has(n) || !f.shape || (layer.hidden && layer.hidden.has(RM.panel.classOf(state, layer, f)))) return;
        done.add(n);
        const each = layer.colour === "each", colours = state.data.style.each;
        out.push({ f, layer, k, colour: each ? colours[k % colours.length] : state.style.colour(f) });
      });
    });
    return out;
  }

  function paintZone(v, state, item) {
    const c = v.ctx, plots = [].concat(...item.f.shape.plot.areas);
    if (!plots.some((p) => seen(v, p.box))) return;
    path(v, plots, true);
    c.globalAlpha = 0.13; c.fillStyle = item.colour; c.fill("evenodd");
    c.globalAlpha = 1;
    if (item.layer.colour === "each") { c.fillStyle = RM.symbols.hatch(c, item.colour, item.k % 4); c.fill("evenodd"); }
    c.strokeStyle = "rgba(255,255,255,.8)"; c.lineWidth = 3.4; c.stroke();
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

  // Point things that stand on one spot become one mark with their number.
  function paintPoints(v, state, items) {
    const stacks = new Map();
    items.forEach((i) => {
      i.f.shape.plot.points.forEach((p) => {
        if (!seen(v, p.box)) return;
        const x = v.x(p.xy[0]), y = v.y(p.xy[1]), key = Math.round(x * 2) + "," + Math.round(y * 2);
        if (stacks.has(key)) stacks.get(key).items.push(i); else stacks.set(key, { x, y, items: [i] });
      });
    });
    const marks = [...stacks.values()].sort((a, b) => a.y - b.y);
    const c = v.ctx, r = v.zoom < 6 ? 4 : v.zoom < 8 ? 5 : 6.2;
    marks.forEach((m) => m.items.forEach((i) => {
      if (i.f.precision === "town" && !m.disc) { m.disc = true; disc(v, m.x, m.y, i.f, i.colour); }
    }));
    marks.forEach((m) => {
      m.items.sort((a, b) => rank(a) - rank(b));
      const top = m.items[0];
      c.save();
      c.translate(m.x, m.y);
      RM.symbols.symbol(c, state.style.shape(top.f), top.colour, top.f.precision, r);
      if (m.items.length > 1) badge(c, m.items.length, r);
      c.restore();
      state.screen.push({ f: top.f, kind: "point", x: m.x, y: m.y, r, all: m.items.map((i) => i.f) });
      m.r = r;
    });
    state.marks = marks;
  }

  const ORDER = { corridor: 0, hub: 1, park: 2, facility: 3, project: 4, zone: 5 };
  const rank = (i) => (i.f.ctx ? 10 : 0) + ORDER[i.f.kind];

  function badge(c, count, r) {
    c.font = "600 9px " + RM.labels.FONT;
    c.textAlign = "center"; c.textBaseline = "middle";
    const text = String(count), w = Math.max(11, c.measureText(text).width + 5);
    c.fillStyle = "#22262b";
    c.beginPath(); c.rect(r * 0.5, -r - 6, w, 11); c.fill();
    c.fillStyle = "#fff"; c.fillText(text, r * 0.5 + w / 2, -r - 0.2);
  }

  function pixels(v, f) {
    const at = f.spot, kx = RM.geo.scales(at[1])[0];
    return v.S / 360 / kx;   // pixels a metre
  }

  // "Somewhere within": a soft disc of the accuracy, never a pin.
  function disc(v, x, y, f, colour) {
    const c = v.ctx, r = f.acc * pixels(v, f);
    if (r < 9 || r > 4000) return;
    const g = c.createRadialGradient(x, y, 0, x, y, r);
    g.addColorStop(0, colour); g.addColorStop(0.75, colour); g.addColorStop(1, "rgba(255,255,255,0)");
    c.globalAlpha = 0.1; c.fillStyle = g; c.beginPath(); c.arc(x, y, r, 0, 7); c.fill(); c.globalAlpha = 1;
  }

  // All within the distance of the asked feature: its line with the width of the distance.
  let sheet = null;
  function paintBand(v, state) {
    const f = state.answer.target, P = state.data.style.paper;
    if (!sheet) sheet = document.createElement("canvas");
    sheet.width = v.width; sheet.height = v.height;
    const c = sheet.getContext("2d");
    c.strokeStyle = c.fillStyle = P.band; c.lineJoin = c.lineCap = "round";
    const metre = (y) => v.S / 360 / RM.geo.scales(lat(y))[0];
    const all = f.shape.plot.lines.concat(f.shape.plot.points, ...f.shape.plot.areas);
    all.forEach((p) => {
      for (let i = 0; i < p.xy.length; i += 2) {
        const j = Math.min(i + 2, p.xy.length - 2);
        c.lineWidth = Math.max(1, 2 * state.answer.km * 1000 * metre((p.xy[i + 1] + p.xy[j + 1]) / 2));
        c.beginPath(); c.moveTo(v.x(p.xy[i]), v.y(p.xy[i + 1])); c.lineTo(v.x(p.xy[j]) + 0.01, v.y(p.xy[j + 1])); c.stroke();
      }
    });
    v.ctx.globalAlpha = 0.2;
    v.ctx.drawImage(sheet, 0, 0);
    v.ctx.globalAlpha = 1;
  }
  const lat = (y) => Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI;

  function paintAnswer(v, state) {
    const c = v.ctx, t = state.answer.target, P = state.data.style.paper;
    c.lineJoin = "round";
    path(v, t.shape.plot.lines.concat(...t.shape.plot.areas));
    c.strokeStyle = P.accent; c.lineWidth = 2; c.setLineDash([]); c.globalAlpha = 0.85; c.stroke(); c.globalAlpha = 1;
    const drawn = new Set(state.screen.map((s) => s.f.n));
    (state.answer.shown || state.answer.rows).slice().reverse().forEach((row) => {
      const f = row.f, sure = row.certain;
      if (sure && !drawn.has(f.n) && f.shape.lines.length) {
        RM.symbols.line(c, () => path(v, f.shape.plot.lines), f, state.style.colour(f), 2, state.style.dash(f));
        state.screen.push({ f, kind: "line", plots: f.shape.plot.lines });
      }
      f.shape.plot.points.forEach((p) => {
        const x = v.x(p.xy[0]), y = v.y(p.xy[1]);
        if (!seen(v, p.box)) return;
        if (!drawn.has(f.n)) {
          c.save(); c.translate(x, y);
          RM.symbols.symbol(c, state.style.shape(f), state.style.colour(f), f.precision, sure ? 5 : 3.4);
          c.restore();
          state.screen.push({ f, kind: "point", x, y, r: 5, all: [f] });
        }
        c.beginPath(); c.arc(x, y, sure ? 10 : 8.5, 0, 7);
        c.strokeStyle = sure ? P.accent : P.quiet; c.lineWidth = sure ? 2.2 : 1.1;
        c.setLineDash(sure ? [] : [2.5, 2.5]); c.stroke(); c.setLineDash([]);
      });
    });
  }

  function paintFocus(v, state) {
    const c = v.ctx, f = state.focus, P = state.data.style.paper, s = f.shape.plot;
    if (s.points.length) {
      const x = v.x(s.points[0].xy[0]), y = v.y(s.points[0].xy[1]), r = f.acc * pixels(v, f);
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

  // What is under a container point, the best first: marks, then lines, then areas.
  function hit(canvas, state, point) {
    const at = canvas._map.containerPointToLayerPoint(point).subtract(canvas._bounds.min), found = [];
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
    return {
      ctx: canvas.ctx,
      x: (m) => m * S - origin.x - canvas._bounds.min.x,
      y: (m) => m * S - origin.y - canvas._bounds.min.y,
    };
  }

  RM.draw = { Canvas, hit, lineWidth, visible };
})(window.RM = window.RM || {});
