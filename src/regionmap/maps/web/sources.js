// Where the page's data come from: plans and editions, boundaries, datum, method, and what a user added.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;

  function build(state) {
    const s = state.strings, d = state.data;
    const plan = (p) => h("li", {}, h("strong", {}, p.title + (p.inferred ? s.inferred : "")),
      h("p", {}, [p.issuer, p.number, p.date, p.period].filter(Boolean).join(" · ")), h("p", { class: "rm-quiet" }, s.edition + " " + p.edition));
    fill(document.getElementById("rm-sources"), h("h2", {}, s.plans), h("ul", { class: "rm-plans" }, d.plans.map(plan)),
      h("h2", {}, s.boundaries), h("p", {}, state.say(d.footer.boundary)),
      h("h2", {}, s.datum), h("p", {}, s.datumText),
      h("h2", {}, s.method), h("p", {}, s.methodText), h("p", {}, s.certainText),
      ...(RM.addedNames ? [h("h2", {}, s.added), h("p", {}, RM.popup.worded(s.addedText, { "": RM.addedNames.join(", ") }))] : []));
  }

  RM.sources = { build };
})(window.RM = window.RM || {});
