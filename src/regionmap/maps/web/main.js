// Puts the page together: data, map, canvas, panel.
(function (RM) {
  "use strict";

  function start() {
    const data = RM.store.load(), lang = data.lang, place = lang === "en" ? 1 : 0;
    const state = {
      data, lang, strings: data.strings[lang], style: RM.symbols.style(data), app: document.getElementById("rm-app"),
      words: (group, id) => (id && data.words[group][id] ? data.words[group][id][place] : ""),
      answer: null, focus: null, screen: [], marks: [], boxes: [],
    };
    document.getElementById("rm-unsupported").remove();
    state.app.hidden = false;
    const host = document.querySelector(".folium-map");
    const map = L.map(host, {
      zoomControl: false, attributionControl: false, zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 120,
      minZoom: 2, maxZoom: 17, worldCopyJump: false, maxBounds: [[-80, -60], [84, 200]],
    });
    window[host.id] = state.map = map;
    const fit = (n) => {
      const b = data.views[n].box;
      document.querySelectorAll(".rm-views button").forEach((button, k) => button.setAttribute("aria-pressed", String(k === n)));
      map.fitBounds([[b[1], b[0]], [b[3], b[2]]], { animate: false, padding: [12, 12] });
    };
    fit(0);
    L.control.zoom({ position: "topright", zoomInTitle: state.strings.zoomIn, zoomOutTitle: state.strings.zoomOut }).addTo(map);
    L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
    const north = L.control({ position: "bottomleft" });
    north.onAdd = () => RM.popup.h("div", { class: "rm-north", role: "img", "aria-label": state.strings.north }, "N");
    north.addTo(map);
    views(state, fit);
    state.canvas = new RM.draw.Canvas(state);
    RM.panel.build(state);
    state.canvas.addTo(map);
    wire(state);
    fit(0);
    window.addEventListener("beforeprint", () => map.invalidateSize({ animate: false }));
    window.regionmap = {
      state,
      ask: (id, km) => state.ask(data.features.findIndex((f) => f.id === id), km).rows().map((r) => ({ id: r.f.id, distance_m: r.d, certainty: r.certain ? "certain" : "possible" })),
      corridors: () => data.question.corridors.map((n) => data.features[n].id),
      labels: () => state.boxes,
      view: fit,
      open: (id) => { const f = data.features.find((x) => x.id === id); RM.popup.open(state, [f], f.spot ? [f.spot[1], f.spot[0]] : map.getCenter()); },
    };
    state.app.dataset.state = "ready";
  }

  function views(state, fit) {
    if (state.data.views.length < 2) return;
    const bar = L.control({ position: "topleft" });
    bar.onAdd = () => {
      const box = RM.popup.h("div", { class: "rm-views", role: "group", "aria-label": state.strings.views });
      state.data.views.forEach((view, n) => box.append(RM.popup.h("button", { type: "button", "aria-pressed": String(!n), onclick: () => fit(n) }, view.title || state.strings.whole)));
      L.DomEvent.disableClickPropagation(box);
      return box;
    };
    bar.addTo(state.map);
  }

  function wire(state) {
    const map = state.map, tip = document.getElementById("rm-tip");
    map.on("click", (e) => {
      const found = [...new Set(RM.draw.hit(state.canvas, state, e.containerPoint))];
      if (found.length) RM.popup.open(state, found, e.latlng);
      else if (state.focus) { state.focus = null; state.canvas.paint(); }
    });
    map.on("popupclose", () => { state.focus = null; state.canvas.paint(); });
    let wait = 0;
    map.on("mousemove", (e) => {
      if (wait) return;
      wait = requestAnimationFrame(() => {
        wait = 0;
        const found = RM.draw.hit(state.canvas, state, e.containerPoint);
        tip.hidden = !found.length;
        map.getContainer().style.cursor = found.length ? "pointer" : "";
        if (!found.length) return;
        tip.textContent = RM.popup.name(state, found[0]) + (found.length > 1 ? " +" + (found.length - 1) : "");
        tip.style.transform = "translate(" + (e.containerPoint.x + 14) + "px," + (e.containerPoint.y + 12) + "px)";
      });
    });
    map.on("mouseout", () => { tip.hidden = true; });
  }

  start();
})(window.RM = window.RM || {});
