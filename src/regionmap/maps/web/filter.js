// The filter by status and period: what passes stands in state.keep, which painter, legend and tables honour.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;

  // The years that the page's things name, and how often each status occurs.
  function range(state) {
    const { start, end } = state.data.columns, years = [];
    for (let n = 0; n < start.length; n++) { if (start[n] >= 0) years.push(start[n]); if (end[n] >= 0) years.push(end[n]); }
    return years.reduce((a, y) => [Math.min(a[0], y), Math.max(a[1], y)], [Infinity, -Infinity]);
  }

  const fresh = () => ({ without: [], from: null, to: null, dated: false });

  // Without a word for a status stand the things of which no document says one.
  function passes(state) {
    const f = state.filter, { status, start, end } = state.data.columns;
    if (!f.without.length && f.from === null && f.to === null && !f.dated) return null;
    const off = status.words.map((w) => f.without.includes(w)), from = f.from === null ? -Infinity : f.from, to = f.to === null ? Infinity : f.to;
    return Uint8Array.from(status.codes, (code, n) => {
      const first = start[n] >= 0 ? start[n] : end[n], last = end[n] >= 0 ? end[n] : start[n];
      const timed = first >= 0 ? last >= from && first <= to : !f.dated;
      return !off[code] && timed ? 1 : 0;
    });
  }

  function set(state, change) {
    Object.assign(state.filter, change);
    state.keep = passes(state);
    state.canvas.paint();
    RM.legend.update(state);
    RM.sums.build(state);
    tell(state);
    if (state.refiltered) state.refiltered();
  }

  function tell(state) {
    const all = state.data.columns.context, kept = state.keep ? state.keep.reduce((n, k, i) => n + (k && !all[i] ? 1 : 0), 0) : 0;
    document.getElementById("rm-kept").textContent = state.keep ? state.strings.kept.replace("{}", kept) : "";
  }

  function build(state) {
    const s = state.strings, words = state.data.columns.status.words, [low, high] = range(state), where = document.getElementById("rm-filter");
    const open = !!where.querySelector("details[open]");
    state.filter = state.filter || fresh();
    const f = state.filter;
    const statuses = Object.keys(state.data.words.status).concat("").filter((w) => words.includes(w)).map((w) => {
      const box = h("input", { type: "checkbox", checked: !f.without.includes(w), onchange: () => set(state, { without: box.checked ? f.without.filter((x) => x !== w) : f.without.concat(w) }) });
      return h("label", { class: "rm-check" }, box, h("span", {}, state.words("status", w) || s.unsaid));
    });
    const years = low <= high ? Array.from({ length: high - low + 1 }, (_, n) => low + n) : [];
    const year = (key, label) => {
      const select = h("select", { "aria-label": label, onchange: () => set(state, { [key]: select.value === "" ? null : Number(select.value) }) },
        h("option", { value: "" }, s.anyYear), years.map((y) => h("option", { value: y, selected: f[key] === y }, y)));
      return select;
    };
    const dated = h("input", { type: "checkbox", checked: f.dated, onchange: () => set(state, { dated: dated.checked }) });
    fill(where, h("details", { class: "rm-filter", open }, h("summary", {}, s.filter, h("b", { id: "rm-kept", role: "status" })),
      h("fieldset", {}, h("legend", {}, s.status), statuses),
      years.length ? h("fieldset", {}, h("legend", {}, s.period), h("div", { class: "rm-slide" }, year("from", s.fromYear), h("span", {}, " – "), year("to", s.toYear)),
        h("label", { class: "rm-check" }, dated, h("span", {}, s.datedOnly))) : null,
      h("button", { type: "button", onclick: () => { Object.assign(f, fresh()); set(state, {}); build(state); } }, s.reset)));
    tell(state);
    if (state.link && !state.filterLinked) { state.link.register("filter", (text) => read(state, text), () => write(state)); state.filterLinked = true; }
  }

  // In a permalink: statuses left out, years from and to, dated only.
  const write = ({ filter: f, keep }) => (keep ? [f.without.map((w) => w || "-").join("."), f.from || "", f.to || "", f.dated ? 1 : ""].join("~") : "");

  function read(state, text) {
    const [without, from, to, dated] = String(text || "").split("~"), known = state.data.columns.status.words, year = (y) => (/^\d{4}$/.test(y || "") ? Number(y) : null);
    state.filter = { without: without ? without.split(".").map((w) => (w === "-" ? "" : w)).filter((w) => known.includes(w)) : [], from: year(from), to: year(to), dated: dated === "1" };
    set(state, {});
    build(state);
  }

  RM.filter = { build, set, read, write };
})(window.RM = window.RM || {});
