// The address: what one sees and asks stands behind its #, and comes back from there. What stands there may come from
// a stranger: every part is checked by who reads it, and what is wrong is left out.
(function (RM) {
  "use strict";
  const LONGEST = 20000;

  function start(state) {
    const parts = [];
    let last = location.hash, wait = 0;

    // `read(text)` takes a part from the address; `write()` gives its text (null or "": as the page opens).
    const register = (key, read, write) => { parts.push({ key, read, write }); };

    const text = () => parts.map((p) => [p.key, p.write()]).filter((p) => p[1] !== null && p[1] !== undefined && p[1] !== "")
      .map((p) => p[0] + "=" + encodeURIComponent(p[1]).replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%3B/g, ";")).join("&");

    function restore() {
      last = location.hash;
      if (last.length < 2 || last.length > LONGEST) return;
      const wanted = new URLSearchParams(last.slice(1));
      parts.forEach((p) => {
        if (!wanted.has(p.key)) return;
        try { p.read(wanted.get(p.key)); } catch (wrong) { /* left as it was */ }
      });
    }

    function save() {
      wait = 0;
      const hash = "#" + text();
      if (hash === last || (hash === "#" && !last)) return;
      last = hash;
      try { history.replaceState(null, "", hash); } catch (refused) { /* a frame without an address */ }
    }

    const soon = () => { if (!wait) wait = setTimeout(save, 300); };
    // whatever is changed on the page is changed by one of these
    ["click", "input", "change", "keyup"].forEach((event) => document.addEventListener(event, soon));
    state.map.on("moveend popupopen popupclose", soon);
    // another address in an open page: what it leaves out is as the page opens, not as the reader left it
    window.addEventListener("hashchange", () => { if (location.hash !== last) location.reload(); });
    return { register, restore, text, soon };
  }

  const number = (text, least, most) => {
    const v = /^-?\d{1,9}(\.\d{1,20})?$/.test(text) ? Number(text) : NaN;
    if (!(v >= least && v <= most)) throw new Error("not a number in range");
    return v;
  };

  // "lon,lat;lon,lat": at most 500 places.
  function places(text) {
    const list = text.split(";");
    if (list.length > 500) throw new Error("too many places");
    return list.map((pair) => {
      const both = pair.split(",");
      if (both.length !== 2) throw new Error("not a place");
      return [number(both[0], -180, 180), number(both[1], -85, 85)];
    });
  }

  // View, layers and what is open: the parts that belong to nobody else.
  function own(state) {
    const map = state.map, { register } = state.link;
    const first = RM.tabs.shown();
    let moved = false;
    map.on("dragstart zoomstart", () => { moved = true; });
    register("v", (text) => {
      const [lat, lon, zoom] = text.split(",");
      const view = [[number(lat, -80, 84), number(lon, -60, 200)], number(zoom, 2, 17)];
      moved = true;
      map.setView(view[0], view[1], { animate: false });
    }, () => {
      if (!moved && state.view === 0) return null;
      const c = map.getCenter();
      return [c.lat.toFixed(4), c.lng.toFixed(4), String(Math.round(map.getZoom() * 100) / 100)].join(",");
    });
    layers(state);
    register("tab", (text) => {
      if ([...document.querySelectorAll(".rm-tabs button")].some((b) => b.dataset.tab === text && !b.hidden)) RM.tabs.show(text);
    }, () => { const tab = RM.tabs.shown(); return tab === "card" || tab === first ? null : tab; });
  }

  // Which layers are on, one sign each, and which of their classes are off.
  function layers(state) {
    const all = state.data.layers, on = () => all.map((l) => (l.visible ? "1" : "0")).join(""), first = on();
    state.link.register("l", (text) => {
      if (!/^[01]+$/.test(text) || text.length !== all.length) return;
      all.forEach((l, n) => { if (l.visible !== (text[n] === "1")) RM.legend.show(state, l, text[n] === "1"); });
    }, () => (on() === first ? null : on()));
    state.link.register("off", (text) => {
      const pairs = text.split(";").slice(0, 500).map((pair) => [number(pair.split("~")[0], 0, all.length - 1), pair.slice(pair.indexOf("~") + 1)]);
      all.forEach((l, n) => { l.hidden = new Set(pairs.filter((p) => p[0] === n).map((p) => p[1])); });
      RM.legend.layers(state);
      state.canvas.paint();
    }, () => [].concat(...all.map((l, n) => [...(l.hidden || [])].map((key) => n + "~" + key))).join(";"));
  }

  RM.link = { start, own, number, places };
})(window.RM = window.RM || {});
