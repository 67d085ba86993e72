// What the page speaks and looks like: two languages, light and dark. Both can change while it is open.
(function (RM) {
  "use strict";
  const THEMES = ["auto", "light", "dark"];
  const get = (id) => document.getElementById(id);

  function start(state) {
    const data = state.data, S = data.style;
    state.lang = data.lang;
    state.words = (group, id) => (id && data.words[group][id] ? data.words[group][id][state.lang === "en" ? 1 : 0] : "");
    state.say = (text) => (state.lang === "en" && Object.prototype.hasOwnProperty.call(data.english, text) && data.english[text]) || text;
    state.setLang = (lang) => { speak(state, lang); state.build(); };
    state.setTheme = (name) => { wear(state, name); paint(state); };
    state.light = {
      paper: S.paper, each: S.each, ramps: S.ramps,
      families: Object.keys(S.families).reduce((all, k) => Object.assign(all, { [k]: S.families[k].colour }), {}),
    };
    speak(state, data.lang);
    wear(state, "auto");
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => { if (state.theme === "auto") state.setTheme("auto"); };
    if (dark.addEventListener) dark.addEventListener("change", follow); else dark.addListener(follow);
    get("rm-lang").onclick = () => state.setLang(state.lang === "en" ? "zh" : "en");
    get("rm-theme").onclick = () => state.setTheme(THEMES[(THEMES.indexOf(state.theme) + 1) % 3]);
  }

  // Every text of the page's frame; the panels write their own.
  function speak(state, lang) {
    const data = state.data, s = data.strings[lang], foot = data.footer;
    state.lang = lang;
    state.strings = s;
    document.documentElement.lang = lang === "en" ? "en" : "zh-CN";
    document.title = state.say(data.title);
    get("rm-title").textContent = document.title;
    get("rm-subtitle").textContent = state.say(data.subtitle);
    document.querySelectorAll("[data-text]").forEach((el) => { el.textContent = s[el.dataset.text]; });
    document.querySelectorAll("[data-label]").forEach((el) => { el.setAttribute("aria-label", s[el.dataset.label]); el.title = el.dataset.hint ? s[el.dataset.label] : ""; });
    const parts = [state.say(foot.boundary), s.approval + (foot.approval || "________"), foot.date && s.date + foot.date, s.schematic, state.say(foot.note)];
    RM.popup.fill(get("rm-foot"), foot.classification ? RM.popup.h("span", { class: "rm-mark" }, state.say(foot.classification)) : "",
      ...parts.filter(Boolean).map((text) => RM.popup.h("span", {}, text)));
    RM.store.relabel(data, lang);
    said(state);
  }

  function wear(state, name) {
    const S = state.data.style, dark = name === "dark" || (name === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    const colours = dark ? S.dark : state.light;
    state.theme = name;
    S.paper = colours.paper; S.each = colours.each; S.ramps = colours.ramps;
    Object.keys(S.families).forEach((k) => { S.families[k].colour = colours.families[k]; });
    state.style = RM.symbols.style(state.data);
    document.documentElement.dataset.theme = document.documentElement.style.colorScheme = dark ? "dark" : "light";
    said(state);
  }

  // The switch says which theme is in force and which comes next.
  function said(state) {
    const s = state.strings, button = get("rm-theme"), text = { auto: s.themeAuto, light: s.themeLight, dark: s.themeDark }[state.theme];
    if (!text) return;
    button.setAttribute("aria-label", s.theme + s.colon + text);
    button.title = s.theme + s.colon + text;
  }

  function paint(state) {
    if (!state.canvas) return;
    state.canvas.paint();
    RM.legend.layers(state);
    RM.frame.inset(state);
  }

  // Language and theme stand in the address where they are not those that the page opens with.
  function link(state) {
    const first = state.data.lang;
    state.link.register("lang", (text) => { if (state.data.strings[text]) state.setLang(text); }, () => (state.lang === first ? "" : state.lang));
    state.link.register("theme", (text) => { if (THEMES.includes(text)) state.setTheme(text); }, () => (state.theme === "auto" ? "" : state.printing ? state.printing.theme : state.theme));
  }

  RM.look = { start, speak, wear, link };
})(window.RM = window.RM || {});
