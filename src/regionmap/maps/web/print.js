// Printing: the page becomes a plan sheet (A4 or A3 landscape), the map is painted anew at the size of the paper.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;
  const get = (id) => document.getElementById(id);
  const FINE = 4;   // canvas pixels for each of 96 to the inch

  function start(state) {
    const menu = get("rm-papers"), button = get("rm-print");
    const toggle = (open) => { menu.hidden = !open; button.setAttribute("aria-expanded", String(open)); };
    button.onclick = () => { toggle(menu.hidden); if (!menu.hidden) menu.querySelector("button").focus(); };
    menu.onkeydown = (e) => { if (e.key === "Escape") { toggle(false); button.focus(); e.stopPropagation(); } };
    menu.querySelectorAll("button").forEach((b) => { b.onclick = () => { toggle(false); paper(state, b.dataset.paper); window.print(); }; });
    paper(state, "A4");
    window.addEventListener("beforeprint", () => lay(state));
    window.addEventListener("afterprint", () => back(state));
  }

  // The size of the sheet that the browser is told.
  function paper(state, size) {
    const sheet = [...document.styleSheets].find((one) => [...one.cssRules].some((rule) => rule.selectorText === ".rm-paper")), rules = [...sheet.cssRules];
    const old = rules.findIndex((r) => r.type === CSSRule.PAGE_RULE);
    sheet.deleteRule(old);
    sheet.insertRule("@page { size: " + size + " landscape; margin: 8mm; }", old);
    state.paper = size;
  }

  // The extent to print: the frame that was chosen, if the map still stands there, else what is in sight.
  function extent(state) {
    const [w, s, e, n] = state.data.views[state.view].box, now = state.map.getCenter();
    const chosen = state.at && state.at.zoom === state.map.getZoom() && now.distanceTo(state.at.centre) < 1;
    return chosen ? L.latLngBounds([s, w], [n, e]) : state.map.getBounds();
  }

  function lay(state) {
    if (state.printing) return;
    const map = state.map, root = document.documentElement, box = extent(state);
    state.printing = { centre: map.getCenter(), zoom: map.getZoom(), theme: state.theme, snap: map.options.zoomSnap, padding: state.canvas.options.padding };
    map.closePopup();
    root.dataset.paper = state.paper;
    root.classList.add("rm-printing");
    RM.look.wear(state, "light");
    state.ratio = FINE;
    state.canvas.options.padding = 0;
    map.options.zoomSnap = 0;
    legend(state);
    foot(state);
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(box, { animate: false, padding: [6, 6] });
    RM.legend.update(state);
    RM.frame.inset(state);
    legend(state);
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(box, { animate: false, padding: [6, 6] });
    state.canvas._update();
  }

  function back(state) {
    const was = state.printing;
    if (!was) return;
    state.printing = null;
    document.documentElement.classList.remove("rm-printing");
    state.ratio = 0;
    state.canvas.options.padding = was.padding;
    state.map.options.zoomSnap = was.snap;
    state.app.classList.remove("rm-wide-key");
    get("rm-paper").hidden = true;
    state.map.invalidateSize({ animate: false, pan: false });
    state.map.setView(was.centre, was.zoom, { animate: false });
    RM.frame.build(state);
    RM.look.speak(state, state.lang);
    state.setTheme(was.theme);
  }

  // The legend of what the sheet shows; a long one is set smaller, then in two columns of a wider frame.
  function legend(state) {
    const el = get("rm-paper"), s = state.strings, groups = RM.legend.printed(state);
    state.app.classList.remove("rm-wide-key");
    el.hidden = false;
    el.className = "rm-paper";
    fill(el, h("h2", {}, s.legend), ...groups.map(([title, items, notes]) => h("section", {}, h("h3", {}, title), h("ul", {}, items.map(([picture, text]) => h("li", {}, picture(), h("span", {}, text)))),
      (notes || []).map((text) => h("p", { class: "rm-quiet" }, text)))));
    if (state.answer) el.append(h("section", {}, h("h3", {}, s.ask), h("p", {}, asked(state))));
    // the inset stands here, where it covers nothing of the map, if there is room
    const home = document.querySelector(".leaflet-bottom.leaflet-right"), place = state.inset && h("section", { class: "rm-where" }, h("h3", {}, s.insetTitle), state.inset);
    if (place) el.append(place);
    const long = () => el.scrollHeight > el.clientHeight + 1;
    if (long()) el.classList.add("rm-tight");
    if (place && long()) { home.append(state.inset); place.remove(); }
    state.app.classList.toggle("rm-wide-key", long());
  }

  function asked(state) {
    const a = state.answer, s = state.strings;
    return RM.popup.worded(s.asked, { km: a.km, name: RM.store.label(state, a.target), answer: RM.popup.worded(s.answer, { c: a.certain, p: a.possible }) });
  }

  // Sources, approval, date: the foot of the sheet.
  function foot(state) {
    const s = state.strings, f = state.data.footer, cited = RM.legend.plans(state).map((n) => state.data.plans[n]).map((p) => p.title + (p.number ? " " + p.number : "") + (p.inferred ? s.inferred : ""));
    const line = (...parts) => h("p", {}, parts.filter(Boolean).map((text) => h("span", {}, text)));
    fill(get("rm-foot"), f.classification ? h("span", { class: "rm-mark" }, state.say(f.classification)) : "",
      line(cited.length ? s.printData + cited.join("; ") : ""),
      line(state.say(f.boundary), s.printDatum, s.schematic),
      line(s.approval + (f.approval || "________"), f.date && s.date + f.date, state.say(f.note)));
  }

  RM.print = { start, paper, lay, back };
})(window.RM = window.RM || {});
