// The panel's tabs and everything the keyboard does that a browser does not do by itself.
(function (RM) {
  "use strict";
  const get = (id) => document.getElementById(id);
  const tabs = () => [...document.querySelectorAll(".rm-tabs button")];

  const opens = {};   // what a page works out only when it is shown

  // Shows a page of the panel; "card" is a page without a tab.
  function show(name) {
    tabs().forEach((b) => {
      const on = b.dataset.tab === name;
      b.setAttribute("aria-selected", String(on));
      b.tabIndex = on ? 0 : -1;
    });
    if (name === "card") tabs()[0].tabIndex = 0;
    document.querySelectorAll(".rm-page").forEach((p) => { p.hidden = p.dataset.page !== name; });
    if (opens[name]) opens[name]();
  }

  const shown = () => { const page = [...document.querySelectorAll(".rm-page")].find((p) => !p.hidden); return page ? page.dataset.page : ""; };

  // The panel of a small screen; on a large one it is always there.
  function menu(state, open) {
    if (!get("rm-menu").offsetParent) return;
    state.app.classList.toggle("rm-open", open);
    get("rm-menu").setAttribute("aria-expanded", String(open));
    state.map.invalidateSize({ animate: false });
  }

  function start(state) {
    tabs().forEach((b) => { b.onclick = () => show(b.dataset.tab); });
    document.querySelector(".rm-tabs").onkeydown = (e) => {
      const all = tabs(), n = all.indexOf(document.activeElement), last = all.length - 1;
      const to = { ArrowRight: n === last ? 0 : n + 1, ArrowLeft: n ? n - 1 : last, Home: 0, End: last }[e.key];
      if (n < 0 || to === undefined) return;
      e.preventDefault();
      all[to].focus();
      show(all[to].dataset.tab);
    };
    get("rm-menu").onclick = () => menu(state, !state.app.classList.contains("rm-open"));
    document.addEventListener("keydown", (e) => { if (e.key === "Escape") escape(state); });
    popups(state);
  }

  // Escape closes what lies on top: the found list, the popup, the card, the phone's panel.
  function escape(state) {
    const found = get("rm-found");
    if (!found.hidden) { found.hidden = true; get("rm-search").focus(); return; }
    if (document.querySelector(".leaflet-popup")) { state.map.closePopup(); return; }
    if (state.app.classList.contains("rm-open")) { menu(state, false); get("rm-menu").focus(); }
  }

  // A popup is a dialog: what opened it by key hands the focus over, and gets it back when it closes.
  function popups(state) {
    let from = null, keyed = false;
    document.addEventListener("keydown", () => { keyed = true; }, true);
    document.addEventListener("pointerdown", () => { keyed = false; }, true);
    state.map.on("popupopen", (e) => {
      const el = e.popup.getElement(), close = el.querySelector(".leaflet-popup-close-button");
      el.setAttribute("role", "dialog");
      el.setAttribute("aria-label", state.strings.details);
      if (close) { close.setAttribute("aria-label", state.strings.close); close.title = state.strings.close; }
      el.querySelector(".leaflet-popup-content").tabIndex = 0;
      from = document.activeElement;
      if (keyed) el.querySelector(".leaflet-popup-content").focus();
    });
    state.map.on("popupclose", (e) => {
      const el = e.popup.getElement();
      if (el && el.contains(document.activeElement) && from && document.contains(from)) from.focus();
    });
  }

  RM.tabs = { start, show, shown, menu, opens };
})(window.RM = window.RM || {});
