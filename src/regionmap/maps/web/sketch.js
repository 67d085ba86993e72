// A place or a line that the reader gives by hand: mouse, touch or keyboard (arrows move the map under the cross,
// space sets a point there, Enter ends, Backspace takes one back, Escape gives up).
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;
  const NEAR = 6;   // pixels: two clicks there are one

  // mode: "place" or "line"; `done` gets the list of [lon, lat].
  function start(state, mode, done) {
    stop(state);
    const map = state.map, s = state.strings, colour = state.data.style.paper.accent;
    const line = L.polyline([], { color: colour, weight: 3, dashArray: "6 5", interactive: false }).addTo(map);
    const bar = h("div", { class: "rm-sketch rm-over", role: "group", "aria-label": mode === "line" ? s.drawLine : s.pickPlace },
      h("p", { role: "status" }, mode === "line" ? s.drawHint : s.pickHint, h("span", { class: "rm-keys" }, mode === "line" ? s.drawKeys : s.pickKeys)));
    const cross = h("div", { class: "rm-cross", "aria-hidden": "true", hidden: true });
    const button = (text, onclick) => bar.append(h("button", { type: "button", onclick }, text));
    if (mode === "line") { button(s.finish, () => finish(state)); button(s.undo, () => undo(state)); }
    button(s.cancel, () => stop(state));
    document.querySelector(".rm-stage").append(bar, cross);
    state.sketch = { mode, done, line, bar, cross, points: [], zoomed: map.doubleClickZoom.enabled() };
    map.doubleClickZoom.disable();
    map.closePopup();
    RM.tabs.menu(state, false);
    state.app.classList.add("rm-sketching");
    map.getContainer().focus({ preventScroll: true });
    document.addEventListener("keydown", state.sketch.key = (e) => key(state, e), true);
    map.on("dblclick", state.sketch.twice = () => finish(state));
    map.on("mousemove", state.sketch.move = (e) => trace(state, e.latlng));
  }

  function stop(state) {
    const sketch = state.sketch, map = state.map;
    if (!sketch) return;
    state.sketch = null;
    sketch.line.remove();
    sketch.bar.remove();
    sketch.cross.remove();
    document.removeEventListener("keydown", sketch.key, true);
    map.off("dblclick", sketch.twice);
    map.off("mousemove", sketch.move);
    state.app.classList.remove("rm-sketching");
    if (sketch.zoomed) setTimeout(() => map.doubleClickZoom.enable(), 300);
  }

  function add(state, latlng) {
    const sketch = state.sketch, at = latlng.wrap ? latlng.wrap() : latlng;
    const last = sketch.points[sketch.points.length - 1];
    if (last && state.map.latLngToContainerPoint(L.latLng(last[1], last[0])).distanceTo(state.map.latLngToContainerPoint(at)) < NEAR) return;
    sketch.points.push([Number(at.lng.toFixed(5)), Number(at.lat.toFixed(5))]);
    trace(state);
    if (sketch.mode === "place") finish(state);
  }

  function undo(state) {
    state.sketch.points.pop();
    trace(state);
  }

  // The line so far and, under the mouse, its next piece.
  function trace(state, latlng) {
    const sketch = state.sketch;
    sketch.line.setLatLngs(sketch.points.map((p) => [p[1], p[0]]).concat(latlng && sketch.mode === "line" && sketch.points.length ? [latlng] : []));
  }

  function finish(state) {
    const sketch = state.sketch;
    if (!sketch.points.length) return;
    stop(state);
    sketch.done(sketch.points);
  }

  function key(state, e) {
    const sketch = state.sketch, within = sketch.bar.contains(document.activeElement);
    const acts = { Escape: () => stop(state) };
    if (!within) {
      Object.assign(acts, { Enter: () => { if (!sketch.points.length) add(state, state.map.getCenter()); if (state.sketch) finish(state); }, Backspace: () => undo(state) });
      acts[" "] = () => { sketch.cross.hidden = false; add(state, state.map.getCenter()); };
    }
    if (e.key.startsWith("Arrow")) sketch.cross.hidden = false;
    if (!acts[e.key] || /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
    e.preventDefault();
    e.stopPropagation();
    acts[e.key]();
  }

  RM.sketch = { start, stop, add };
})(window.RM = window.RM || {});
