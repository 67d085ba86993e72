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

  const metres = (m) => (m < 995 ? Math.round(m / 10) * 10 + " m" : (m / 1000).toFixed(m < 99500 ? 1 : 0) + " km");

  const name = (state, f) => (f.cell ? RM.cells.nameOf(state, f.cell) : RM.store.label(state, f));
  // What stands behind a name in a list: kind and precision, or the layer of a filled region.
  const about = (state, f) => (f.cell ? f.layer.title : state.words("kind", f.kind) + " · " + state.words("precision", f.precision));

  function card(state, f) {
    const s = state.strings, t = state.words, rows = [];
    const row = (label, value) => { if (value || value === 0) rows.push(h("dt", {}, label), h("dd", {}, value)); };
    const years = f.start || f.end ? [f.start || "", f.end || ""].join("–") : "";
    row(s.status, [t("status", f.status), f.verb && "「" + f.verb + "」"].filter(Boolean).join(" "));
    row(s.period, years);
    row(s.lead, f.lead && f.lead.replace(/;/g, "、"));
    row(s.responsible, f.resp && f.resp.replace(/;/g, "、"));
    row(s.investment, f.inv);
    row(s.scale, f.scale);
    row(s.length, f.km && f.shape && f.shape.lines.length ? (f.drawn === "traced" ? "" : s.about) + f.km.toLocaleString() + " km" : "");
    row(s.area, f.km2 && (s.about + Math.round(f.km2).toLocaleString() + " km²"));
    row(s.position, f.shape ? accuracy(state, f) : s.unplaced);
    row(s.where, f.where);
    row(s.aliases, f.aliases.join("、"));
    row(s.note, f.note && f.note.replace(/\bknowledge\b(\s*[::]\s*)?/gi, (all, colon) => s.knowledge + (colon ? s.colon : "")));
    const hit = state.answer && !f.cell && state.answer.row(f);
    if (hit) {
      row(s.question, s.toTarget.replace("{}", name(state, state.answer.target)) + " " + metres(hit.d) + ", " + (hit.certain ? s.certain : s.possible)
        + (hit.along === null ? "" : ", " + s.fromStart + " " + metres(hit.along)));
    }
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
      cites.length ? h("section", {}, h("h4", {}, s.citations), h("ul", {}, cites)) : h("p", { class: "rm-quiet" }, s.noDocument));
  }

  function accuracy(state, f) {
    const s = state.strings, t = state.words;
    const drawn = f.drawn ? " · " + t("drawn", f.drawn) : "";
    return t("precision", f.precision) + drawn + " · " + s.within.replace("{}", metres(f.acc || 0));
  }

  // One thing opens its card; several open a list of names to choose from. A card may lead on to others.
  function open(state, features, latlng) {
    const body = h("div", { class: "rm-popup" });
    const back = (text, onclick) => h("button", { type: "button", class: "rm-link rm-back", onclick }, "‹ " + text);
    const show = (f, from) => {
      state.focus = f;
      state.canvas.paint();
      const way = from || (features.length > 1 ? back(state.strings.back.replace("{}", features.length), list) : null);
      const inner = f.cell ? RM.cells.card(state, f, (r) => show(r, back(name(state, f), () => show(f, from)))) : card(state, f);
      fill(body, ...[way, inner].filter(Boolean));
      popup.update();
    };
    const list = () => {
      fill(body, h("h3", {}, state.strings.here.replace("{}", features.length)),
        h("ul", { class: "rm-list" }, features.map((f) => h("li", {}, h("button", { type: "button", class: "rm-link", onclick: () => show(f) }, name(state, f)),
          h("small", {}, " " + about(state, f))))));
      popup.update();
    };
    const size = state.map.getSize(), high = Math.min(380, size.y - 150);
    const popup = L.popup({ maxWidth: Math.min(330, size.x - 96), minWidth: 240, maxHeight: high, autoPanPaddingTopLeft: [8, 56], autoPanPaddingBottomRight: [52, 14] }).setLatLng(latlng).setContent(body);
    popup.openOn(state.map);
    if (features.length > 1) list(); else show(features[0]);
  }

  RM.popup = { h, fill, open, card, name, about, metres };
})(window.RM = window.RM || {});
