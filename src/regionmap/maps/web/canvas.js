// One canvas under Leaflet's popups that shows everything: base map, layers, the question, labels.
(function (RM) {
  "use strict";
  const SLICE = 10;   // ms of painting after which the page may answer

  const Canvas = L.Renderer.extend({
    initialize(state) {   // how far around the frame is painted in advance: less where painting takes long
      state.map.createPane("rm").style.zIndex = 250;   // over tiles, under all else that a user adds
      L.Renderer.prototype.initialize.call(this, { pane: "rm", padding: state.data.features.length > 5000 ? 0.1 : 0.25 });
      this.state = state;
    },
    getEvents() {
      const events = L.Renderer.prototype.getEvents.call(this), zoomed = events.zoomanim;
      events.dragstart = () => { this.byHand = true; };
      events.zoomanim = (e) => { this.stop(); this.byHand = true; zoomed.call(this, e); };
      return events;
    },
    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this.ctx = this._container.getContext("2d");
      this.back = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    },
    _destroyContainer() { this.stop(); this._container.remove(); },
    _updatePaths() {},
    _reset() { this._updateTransform(this._center, this._zoom); },   // comes behind a moveend that has painted
    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      const next = { options: this.options, _map: this._map }, slowly = this.byHand && this._bounds && this.ratio === this.fineness();
      L.Renderer.prototype._update.call(next);
      this.stop();
      this.byHand = false;
      if (slowly) { this.paintSlowly(next); return; }
      this.take(next);
      this.paint();
    },
    // Pixels of the canvas for one of the page.
    fineness() { return this.state.ratio || (window.devicePixelRatio > 1 ? 2 : 1); },
    // From now on the canvas stands where `next` says.
    take({ _bounds, _center, _zoom }, ratio = this.fineness()) {
      Object.assign(this, { _bounds, _center, _zoom, ratio });
      L.DomUtil.setPosition(this._container, _bounds.min);
      fit(this._container, _bounds.getSize(), this.ratio);
    },
    // After a move by hand the old picture stands until the new one is painted aside, a slice in each frame.
    paintSlowly(next) {
      const size = next._bounds.getSize(), state = this.state, ratio = this.ratio;
      fit(this.back.canvas, size, ratio);
      const v = this.view(next, this.back);
      if (!v) { this.take(next); return; }
      const steps = RM.draw.painting(v, state), own = this.pending = { next };
      this.back.setTransform(ratio, 0, 0, ratio, 0, 0);
      const slice = () => {
        const end = performance.now() + SLICE;
        let done = false;
        while (!done && performance.now() < end) {
          done = steps.next().done;
          this.back.getImageData(0, 0, 1, 1);   // what was only noted is painted now, not all at once in the end
        }
        if (!done) { own.wait = requestAnimationFrame(slice); return; }
        this.stop();
        this.take(next, ratio);
        this.split = null;
        this.ctx.setTransform(1, 0, 0, 1, 0, 0);
        this.ctx.drawImage(this.back.canvas, 0, 0);
      };
      own.wait = requestAnimationFrame(slice);
    },
    // Ends a slow painting; what it was to show.
    stop() {
      const own = this.pending;
      this.pending = null;
      if (own) cancelAnimationFrame(own.wait);
      return own && own.next;
    },
    // Paints at once what is still being painted slowly.
    finish() { if (this.pending) this.paint(); },
    // Many changes, one painting.
    together(changes) {
      this.held = true;
      changes();
      this.held = false;
      this.paint();
    },
    paint() {
      if (this.held) return;
      const next = this.stop();
      if (next) this.take(next);
      const v = this.view(this, this.ctx);
      if (!v) return;
      this.split = null;
      this.ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      RM.draw.whole(RM.draw.painting(v, this.state));
    },
    // A tick of the question's distance: what lies under its band and what over it is painted once, aside; then
    // only band and rings change, where one sees them.
    tick() {
      this.finish();
      const v = this.view(this, this.ctx), state = this.state;
      if (!v) return;
      const aside = (call) => {
        const ctx = document.createElement("canvas").getContext("2d");
        fit(ctx.canvas, this._bounds.getSize(), this.ratio);
        ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
        call(Object.assign({}, v, { ctx }));
        return ctx.canvas;
      };
      if (!this.split) this.split = { under: aside((w) => RM.draw.ground(w, state)), over: aside((w) => RM.draw.whole(RM.draw.above(w, state, false))) };
      const [x, y, far, low] = v.port.map((p) => p * this.ratio), w = far - x, h = low - y, c = this.ctx;
      const copy = (sheet) => {
        c.save();
        c.setTransform(1, 0, 0, 1, 0, 0);
        c.drawImage(sheet, x, y, w, h, x, y, w, h);
        c.restore();
      };
      copy(this.split.under);
      if (state.answer) RM.answer.band(v, state, v.port);
      copy(this.split.over);
      if (state.answer) RM.answer.rings(v, state, v.port);
    },
    // What painters need to know of the picture that `place` (this canvas, or where it is to stand) shows.
    view(place = this, ctx = this.ctx) {
      const map = this._map;
      if (!map || !place._bounds || !ctx.canvas.width || !ctx.canvas.height) return null;
      const size = place._bounds.getSize(), origin = map.getPixelOrigin(), S = 256 * Math.pow(2, map.getZoom()), { min } = place._bounds;
      const view = { ctx, S, zoom: map.getZoom(), width: size.x, height: size.y, ratio: this.ratio, dx: -origin.x - min.x, dy: -origin.y - min.y, map };
      view.x = (m) => m * S + view.dx;
      view.y = (m) => m * S + view.dy;
      const corner = map.containerPointToLayerPoint([0, 0]).subtract(min), port = map.getSize();
      view.port = [corner.x, corner.y, corner.x + port.x, corner.y + port.y];
      return view;
    },
  });

  function fit(canvas, size, ratio) {
    if (canvas.width === size.x * ratio && canvas.height === size.y * ratio) return;
    canvas.width = size.x * ratio; canvas.height = size.y * ratio;
    canvas.style.width = size.x + "px"; canvas.style.height = size.y + "px";
  }

  RM.Canvas = Canvas;
})(window.RM = window.RM || {});
