// Search: any part of a name, alias, plan or clause; the list works by keyboard.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;
  const MOST = 30;

  function build(state) {
    const s = state.strings, input = document.getElementById("rm-search"), out = document.getElementById("rm-found");
    input.setAttribute("placeholder", s.searchHint);
    input.setAttribute("aria-label", s.search);
    input.setAttribute("aria-controls", out.id);
    const item = (f) => h("li", {}, h("button", { type: "button", onclick: () => { out.hidden = true; RM.popup.go(state, f); } },
      h("span", {}, RM.popup.name(state, f)), h("small", {}, f.cell ? state.say(f.layer.title) : state.words("kind", f.kind) + (f.shape ? "" : " · " + s.unplaced))));
    const show = () => {
      const word = input.value.trim();
      fill(out);
      out.hidden = !word;
      if (!word) return;
      const found = RM.store.find(state, word, MOST);
      out.append(...found.hits.map(item), h("li", { class: "rm-quiet", role: "status" }, s.hits.replace("{}", found.total)));
    };
    input.oninput = show;
    input.onfocus = () => RM.store.scores(state, "\0");   // columns are read before the first letter comes
    input.onkeydown = (e) => {
      if (e.key === "Escape") { input.value = ""; show(); }
      if (e.key === "Enter" || e.key === "ArrowDown") step(e, out, input, e.key === "Enter" ? "click" : 1);
    };
    out.onkeydown = (e) => {
      const by = { ArrowDown: 1, ArrowUp: -1, Home: -MOST, End: MOST }[e.key];
      if (by) step(e, out, input, by);
      if (e.key === "Escape") { e.stopPropagation(); out.hidden = true; input.focus(); }
    };
  }

  // From the box into the list, up and down in it, and from its top back into the box.
  function step(e, out, input, by) {
    const all = [...out.querySelectorAll("button")], at = all.indexOf(document.activeElement);
    if (!all.length) return;
    e.preventDefault();
    if (by === "click") { all[0].click(); return; }
    if (at + by < 0 && by === -1) input.focus();
    else all[Math.max(0, Math.min(all.length - 1, at + by))].focus();
  }

  // One byte a feature: above 0 where it holds the text.
  const matches = (state, text) => RM.store.scores(state, text);

  RM.search = { build, matches };
})(window.RM = window.RM || {});
