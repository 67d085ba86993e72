// What lies over the map: zoom, frames to choose, north arrow, scale bar, inset.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;

  function build(state) {
    (state.controls || []).forEach((control) => control.remove());
    const add = (position, el) => {
      const control = L.control({ position });
      control.onAdd = () => { L.DomEvent.disableClickPropagation(el); return el; };
      state.controls.push(control.addTo(state.map));
      return el;
    };
    const s = state.strings;
    state.controls = [L.control.zoom({ position: "topright", zoomInTitle: s.zoomIn, zoomOutTitle: s.zoomOut }).addTo(state.map)];
    if (state.data.views.length > 1) add("topleft", views(state));
    state.bar = add("bottomleft", h("div", { class: "rm-scale", role: "img" }));
    add("bottomleft", h("div", { class: "rm-north", role: "img", "aria-label": s.north }, "N"));
    if (far(state.data.views)) state.inset = add("bottomright", h("canvas", { class: "rm-inset", role: "img", "aria-label": s.inset, width: 2, height: 2 }));
    scale(state);
    inset(state);
    if (!state.framed) { state.map.on("move zoom resize", () => scale(state)); state.map.on("moveend", () => inset(state)); }
    state.framed = true;
  }

  function views(state) {
    return h("div", { class: "rm-views", role: "group", "aria-label": state.strings.views },
      state.data.views.map((view, n) => h("button", { type: "button", "aria-pressed": String(n === (state.view || 0)), onclick: () => state.show(n) }, state.say(view.title) || state.strings.whole)));
  }

  // Metres a pixel at the map's centre, on the ellipsoid.
  const metres = (state) => 360 * RM.geo.scales(state.map.getCenter().lat)[0] / (256 * Math.pow(2, state.map.getZoom()));

  // A bar of four parts over a round distance; true where the map's centre is, no 1:N on this projection.
  function scale(state) {
    const most = (state.map.getSize().x < 600 ? 90 : 150) * metres(state), power = Math.pow(10, Math.floor(Math.log10(most)));
    const round = power * (most >= 8 * power ? 8 : most >= 4 * power ? 4 : most >= 2 * power ? 2 : 1);
    const width = round / metres(state), text = (m) => (round < 4000 ? m.toLocaleString("en-US") : (m / 1000).toLocaleString("en-US"));
    const bar = h("div", { class: "rm-bar" }, [0, 1, 2, 3].map(() => h("i")));
    const ticks = h("div", { class: "rm-ticks" }, [0, 0.5, 1].map((part) => h("span", {}, text(round * part))), h("b", {}, round < 4000 ? " m" : " km"));
    bar.style.width = width + "px";
    ticks.style.width = width + "px";
    state.bar.setAttribute("aria-label", state.strings.scaleBar.replace("{}", text(round) + (round < 4000 ? " m" : " km")));
    state.bar.dataset.metres = round;
    fill(state.bar, ticks, bar);
  }

  // Frames that reach far beyond the first need a picture of where they are.
  const far = (list) => list.slice(1).some((v) => v.box[2] - v.box[0] > 4 * (list[0].box[2] - list[0].box[0]) || v.box[3] - v.box[1] > 4 * (list[0].box[3] - list[0].box[1]));
  const square = (box) => [RM.geo.mercX(box[0]), RM.geo.mercY(box[3]), RM.geo.mercX(box[2]), RM.geo.mercY(box[1])];

  // The whole extent of all frames on a small map; the frame in sight is outlined.
  function inset(state) {
    if (!state.inset) return;
    const all = state.data.views.map((v) => square(v.box)).reduce((a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]);
    const w0 = all[2] - all[0], h0 = all[3] - all[1], wide = Math.max(w0, h0 * 0.9) * 1.06, high = Math.max(h0, w0 * 0.6) * 1.06;
    const side = state.printing ? 190 : state.map.getSize().x < 600 ? 96 : 140, S = side / Math.max(wide, high), ratio = state.ratio || 2, width = Math.round(wide * S), height = Math.round(high * S), el = state.inset;
    el.width = width * ratio; el.height = height * ratio;
    el.style.width = width + "px"; el.style.height = height + "px";
    const v = { ctx: el.getContext("2d"), S, zoom: 4, width, height, dx: width / 2 - (all[0] + all[2]) / 2 * S, dy: height / 2 - (all[1] + all[3]) / 2 * S };
    v.x = (m) => m * S + v.dx;
    v.y = (m) => m * S + v.dy;
    v.ctx.scale(ratio, ratio);
    RM.base.paint(v, state.data);
    const b = state.map.getBounds(), now = square([b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]), P = state.data.style.paper;
    RM.draw.visible(state).filter((i) => i.f.shape.lines.length && !i.f.ctx).forEach((i) => {
      RM.paths.path(v, i.f.shape.plot.lines);
      v.ctx.strokeStyle = i.colour; v.ctx.lineWidth = 1; v.ctx.stroke();
    });
    const w = Math.max(8, (now[2] - now[0]) * S), hgt = Math.max(8, (now[3] - now[1]) * S);
    v.ctx.strokeStyle = P.accent; v.ctx.lineWidth = 2;
    v.ctx.strokeRect(v.x((now[0] + now[2]) / 2) - w / 2, v.y((now[1] + now[3]) / 2) - hgt / 2, w, hgt);
  }

  RM.frame = { build, inset, metres };
})(window.RM = window.RM || {});
