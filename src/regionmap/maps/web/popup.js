// Popups and cards: everything from the data goes through textContent.
(function (RM) {
  "use strict";

  // An element with attributes, listeners (on...) and children; texts are text nodes, never markup.
  function h(tag, props, ...children) {
    const el = document.createElement(tag);
    Object.keys(props || {}).forEach((k) => {
      const value = props[k];
      if (value === null || value === undefined || value === false) return;
      if (k.startsWith("on")) el.addEventListener(k.slice(2), value);
      else el.setAttribute(k, value === true ? "" : value);
    });
    children.flat().forEach((c) => {
      if (c === null || c === undefined || c === false) return;
      el.append(c instanceof Node ? c : document.createTextNode(String(c)));
    });
    return el;
  }

  // Puts children in the place of what an element holds (replaceChildren needs Chromium 86).
  function fill(el, ...children) {
    while (el.firstChild) el.removeChild(el.firstChild);
    el.append(...children);
  }

  const years = (f) => (f.start || f.end ? (f.start === f.end ? String(f.start) : [f.start || "", f.end || ""].join("–")) : "");
  const degrees = (p) => Math.abs(p[1]).toFixed(4) + "°" + (p[1] < 0 ? "S" : "N") + " " + Math.abs(p[0]).toFixed(4) + "°" + (p[0] < 0 ? "W" : "E");
  // Chainage as it is written on the line, no finer than what is known of the place.
  function chainage(m, slack) {
    if (m === null || !(m >= 0)) return "";
    const step = slack < 50 ? 1 : slack < 500 ? 10 : 100, at = Math.round(m / step) * step;
    return "K" + Math.floor(at / 1000) + "+" + String(at % 1000).padStart(3, "0");
  }
  // A length or an area as finely as such are known: three figures, or all before the point.
  const amount = (v) => v.toLocaleString("en-US", v < 1000 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 });
  const side = (state, n) => ({ 1: state.strings.left, "-1": state.strings.right }[n] || "");
  const metres = (m) => (m < 995 ? Math.round(m / 10) * 10 + " m" : (m / 1000).toFixed(m < 99500 ? 1 : 0) + " km");

  // A text with its {places} filled, each once: what is put in is never read as a place or a sign again.
  const worded = (text, values) => text.replace(/\{(\w*)\}/g, (all, key) => (Object.prototype.hasOwnProperty.call(values, key) ? values[key] : all));
  const name = (state, f) => (f.cell ? RM.cells.nameOf(state, f.cell) : RM.store.label(state, f));
  // What stands behind a name in a list: kind and precision, or the layer of a filled region.
  const about = (state, f) => (f.cell ? f.layer.title : state.words("kind", f.kind) + " · " + state.words("precision", f.precision));

  // The numbers of the question for one thing: distance, certainty, chainage, side.
  function numbers(state, hit) {
    const s = state.strings, at = chainage(hit.along, hit.slack);
    return [worded(s.toTarget, { "": name(state, state.answer.target) }) + " " + metres(hit.d), hit.certain === null ? "" : hit.certain ? s.certain : s.possible,
      at && at + s.fromStart, side(state, hit.side)].filter(Boolean).join(s.comma);
  }

  // `open` shows another thing's card in the place of this one; without it the card leads nowhere.
  function card(state, f, open) {
    const s = state.strings, t = state.words, rows = [];
    const row = (label, value) => { if (value || value === 0) rows.push(h("dt", {}, label), h("dd", {}, value)); };
    row(s.status, [t("status", f.status), f.verb && "「" + f.verb + "」"].filter(Boolean).join(" "));
    row(s.period, years(f));
    row(s.lead, f.lead && f.lead.replace(/;/g, "、"));
    row(s.responsible, f.resp && f.resp.replace(/;/g, "、"));
    row(s.investment, f.inv);
    row(s.scale, f.scale);
    row(s.length, f.km && f.shape && f.shape.lines.length ? (f.drawn === "traced" ? "" : s.about) + amount(f.km) + " km" : "");
    row(s.area, f.km2 && (s.about + amount(f.km2) + " km²"));
    row(s.position, f.shape ? accuracy(state, f) : s.unplaced);
    row(s.where, f.where);
    row(s.aliases, f.aliases.join("、"));
    row(s.note, f.note && f.note.replace(/\bknowledge\b(\s*[::]\s*)?/gi, (all, colon) => s.knowledge + (colon ? s.colon : "")));
    const hit = state.answer && state.answer.row(f);
    if (hit) row(s.question, numbers(state, hit));
    const cites = f.cites.map((c) => {
      const p = state.data.plans[c[0]];
      return h("li", {}, h("span", { class: "rm-plan" }, p.short + (p.inferred ? s.inferred : "")), " " + c[1],
        c[2] ? h("em", {}, " " + t("status", c[2]) + (c[3] ? "「" + c[3] + "」" : "")) : null);
    });
    return h("article", { class: "rm-card" },
      h("h3", {}, name(state, f)),
      !f.en ? null : state.lang === "en" ? h("p", { class: "rm-en", lang: "zh-CN" }, f.name) : h("p", { class: "rm-en", lang: "en" }, f.en),
      h("p", { class: "rm-tags" }, h("span", {}, t("kind", f.kind)), f.sector ? h("span", {}, t("sector", f.sector)) : null,
        f.ctx ? h("span", {}, s.context) : null),
      h("dl", {}, rows),
      cites.length ? h("section", {}, h("h4", {}, s.citations), h("ul", {}, cites)) : h("p", { class: "rm-quiet" }, s.noDocument),
      f.shape && open ? RM.zones.section(state, RM.zones.of(state, f.shape, f.acc, f.n), open) : null,
      f.shape ? askHere(state, () => f) : null);
  }

  const askHere = (state, target) => h("p", {}, h("button", { type: "button", class: "rm-ask", onclick: () => { state.map.closePopup(); RM.question.choose(state, target(), false); } }, state.strings.askHere));

  // A place that is no thing: where it is, how far from what is asked of, and in which zones.
  function place(state, at, open) {
    const s = state.strings, shape = { points: [Float64Array.from(at)], lines: [], areas: [] };
    const hit = state.answer ? RM.ask.one(state, shape, 0) : null;
    return h("article", { class: "rm-card" }, h("h3", {}, s.thisPlace), h("dl", {}, h("dt", {}, s.datum), h("dd", {}, degrees(at)),
      hit ? [h("dt", {}, s.question), h("dd", {}, numbers(state, hit))] : []),
    RM.zones.section(state, RM.zones.of(state, shape, 0, -1), open), askHere(state, () => RM.question.made(state, "place", [at])));
  }

  // Shows a thing: its layer where it is a region, its place on the map, its card.
  function go(state, f) {
    RM.tabs.menu(state, false);
    if (f.cell && !f.layer.visible) RM.legend.show(state, f.layer, true);
    if (!f.shape) { state.focus = null; fill(document.getElementById("rm-card"), card(state, f, (z) => go(state, z))); RM.tabs.show("card"); RM.tabs.menu(state, true); return; }
    if (f.shape.points.length && !f.shape.lines.length && !f.shape.areas.length) {
      state.map.setView([f.spot[1], f.spot[0]], Math.max(state.map.getZoom(), f.acc > 20000 ? 8 : f.acc > 3000 ? 10 : 12), { animate: false });
    } else state.map.fitBounds(RM.store.bounds(f), { padding: [30, 30], maxZoom: 12, animate: false });
    open(state, [f], [f.spot[1], f.spot[0]]);
  }

  function accuracy(state, f) {
    const s = state.strings, t = state.words;
    const drawn = f.drawn ? " · " + t("drawn", f.drawn) : "";
    return t("precision", f.precision) + drawn + " · " + s.within.replace("{}", metres(f.acc || 0));
  }

  // One thing opens its card, several a list to choose from, none the place itself. A card may lead on to others.
  // `clicked`: the place is the reader's own, and the list leads to it, too.
  function open(state, features, latlng, clicked) {
    const body = h("div", { class: "rm-popup" }), ll = L.latLng(latlng), at = [Number(ll.lng.toFixed(5)), Number(ll.lat.toFixed(5))];
    const back = (text, onclick) => h("button", { type: "button", class: "rm-link rm-back", onclick }, "‹ " + text);
    const put = (way, inner) => { fill(body, ...[way, inner].filter(Boolean)); popup.update(); };
    const first = () => (features.length > 1 ? list() : features.length ? show(features[0]) : here());
    const home = () => (features.length > 1 ? back(state.strings.back.replace("{}", features.length), list) : null);
    const mark = (f) => { state.focus = f; state.canvas.paint(); };
    const show = (f, from) => {
      mark(f);
      const on = (next) => show(next, back(name(state, f), () => show(f, from)));
      put(from || home(), f.cell ? RM.cells.card(state, f, on) : card(state, f, on));
      if (clicked && !from) body.append(h("p", {}, hereLink(f)));
    };
    const here = (from) => { mark(null); put(from || null, place(state, at, (z) => show(z, back(state.strings.thisPlace, () => here(from))))); };
    const hereLink = (f) => h("button", { type: "button", class: "rm-link", onclick: () => here(f ? back(name(state, f), () => show(f)) : home()) }, state.strings.thisPlace + " " + degrees(at));
    const list = () => {
      const item = (f) => h("li", {}, h("button", { type: "button", class: "rm-link", onclick: () => show(f) }, name(state, f)), h("small", {}, " " + about(state, f)));
      put(null, h("div", {}, h("h3", {}, state.strings.here.replace("{}", features.length)), h("ul", { class: "rm-list" }, features.map(item)), clicked ? h("p", {}, hereLink(null)) : null));
    };
    // a button that its own click takes out of the page would look to Leaflet like a click on the map
    body.addEventListener("click", (e) => { e.stopPropagation(); state.link.soon(); });
    const size = state.map.getSize(), high = Math.min(380, size.y - 150);
    const popup = L.popup({ maxWidth: Math.min(330, size.x - 96), minWidth: 240, maxHeight: high, autoPanPaddingTopLeft: [8, 56], autoPanPaddingBottomRight: [52, 14] }).setLatLng(latlng).setContent(body);
    first();   // full before it opens: only then does the map move far enough to show all of it
    popup.openOn(state.map);
  }

  RM.popup = { h, fill, open, go, card, name, numbers, about, metres, years, degrees, chainage, side, worded };
})(window.RM = window.RM || {});
