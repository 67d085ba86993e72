// Puts the page together: data, map, canvas, panels, address.
(function (RM) {
  "use strict";

  const app = document.getElementById("rm-app");

  // What an older browser lacks and no page of ours can do without.
  function missing() {
    const drawn = document.createElement("canvas").getContext;
    return ["Promise", "Map", "Set", "URLSearchParams", "Uint8Array", "TextDecoder", "Intl"].find((name) => !window[name])
      || (drawn && document.createElement("canvas").getContext("2d") ? "" : "canvas") || (window.CSS && CSS.supports("display", "grid") ? "" : "grid");
  }

  // The sentence that stands in the page comes back instead of a page that does not work.
  function refuse(error) {
    const sentence = document.getElementById("rm-unsupported");
    app.hidden = true;
    sentence.hidden = false;
    sentence.className = "rm-now";
    if (window.console) console.error(error);
  }

  // The map stands at once, for scripts of a user's own elements; all else waits for the data to be opened.
  function start() {
    const head = JSON.parse(document.getElementById("rm-head").textContent);
    if (missing()) throw new Error("this browser lacks " + missing());
    document.getElementById("rm-unsupported").hidden = true;
    app.hidden = false;
    const host = document.querySelector(".folium-map"), box = head.views[0].box;
    const map = window[host.id] = L.map(host, {
      zoomControl: false, attributionControl: false, zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 120,
      minZoom: 2, maxZoom: 17, worldCopyJump: false, maxBounds: [[-80, -60], [84, 200]],
    }).fitBounds([[box[1], box[0]], [box[3], box[2]]], { animate: false, padding: [12, 12] });
    RM.loaded = RM.store.load().then((data) => build(data, map, app)).catch(refuse);
  }

  function build(data, map, app) {
    const state = { data, app, map, answer: null, focus: null, keep: null, screen: [], marks: [], boxes: [], view: 0 };
    RM.look.start(state);
    state.show = (n) => {
      const b = data.views[n].box;
      state.view = n;
      document.querySelectorAll(".rm-views button").forEach((button, k) => button.setAttribute("aria-pressed", String(k === n)));
      map.fitBounds([[b[1], b[0]], [b[3], b[2]]], { animate: false, padding: [12, 12] });
      state.at = { centre: map.getCenter(), zoom: map.getZoom() };
    };
    state.canvas = new RM.Canvas(state);
    state.link = RM.link.start(state);
    const parts = [RM.frame.build, RM.legend.layers, RM.filter.build, RM.sums.build, RM.search.build, RM.question.build, RM.sources.build, RM.reach.build];
    state.build = () => state.canvas.together(() => parts.forEach((part) => part(state)));
    state.unnamed = true;   // names come with the panels: fonts take their time
    state.canvas.addTo(map);
    return painted().then(() => furnish(state));
  }

  // The map is seen before panels and answers are worked out; a page in the background has no frames to wait for.
  const painted = () => new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); setTimeout(done, 200); });

  function furnish(state) {
    const { data, map, app } = state;
    state.unnamed = false;
    state.build();
    RM.tabs.start(state);
    RM.print.start(state);
    RM.tabs.show(data.reach || data.channels ? "reach" : data.question.corridor === null ? "layers" : "ask");
    wire(state);
    const size = map.getSize();   // what was written above the map may have moved it
    if (!map.invalidateSize({ animate: false }).getSize().equals(size)) state.show(0);
    state.at = { centre: map.getCenter(), zoom: map.getZoom() };
    RM.look.link(state);
    RM.question.link(state);
    RM.link.own(state);
    state.link.restore();
    window.regionmap = {
      state,
      ask: (id, km) => state.ask(data.features.findIndex((f) => f.id === id), km).rows().map((r) => ({ id: r.f.id, distance_m: r.d, certainty: r.certain ? "certain" : "possible" })),
      corridors: () => data.question.corridors.map((n) => data.features[n].id),
      labels: () => state.boxes,
      view: state.show,
      open: (id) => { const f = data.features.find((x) => x.id === id); RM.popup.open(state, [f], f.spot ? [f.spot[1], f.spot[0]] : map.getCenter()); },
    };
    app.dataset.state = "ready";
  }

  function wire(state) {
    const map = state.map, tip = document.getElementById("rm-tip");
    map.on("click", (e) => {
      if (state.sketch) { RM.sketch.add(state, e.latlng); return; }
      state.canvas.finish();
      const found = [...new Set(RM.draw.hit(state.canvas, state, e.containerPoint))];
      RM.popup.open(state, found, e.latlng, true);
    });
    map.on("popupclose", () => { state.focus = null; state.canvas.paint(); });
    let wait = 0;
    map.on("mousemove", (e) => {
      if (wait) return;
      wait = requestAnimationFrame(() => {
        wait = 0;
        const found = state.sketch ? [] : RM.draw.hit(state.canvas, state, e.containerPoint);
        tip.hidden = !found.length;
        map.getContainer().style.cursor = state.sketch ? "crosshair" : found.length ? "pointer" : "";
        if (!found.length) return;
        tip.textContent = RM.popup.name(state, found[0]) + (found.length > 1 ? " +" + (found.length - 1) : "");
        tip.style.transform = "translate(" + (e.containerPoint.x + 14) + "px," + (e.containerPoint.y + 12) + "px)";
      });
    });
    map.on("mouseout popupopen", () => { cancelAnimationFrame(wait); wait = 0; tip.hidden = true; });   // a finger's tap moves and clicks at once
  }

  try { start(); } catch (error) { refuse(error); }
})(window.RM = window.RM || {});
