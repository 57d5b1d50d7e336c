"use strict";
(() => {
  const MANY_ROWS = 6, LONG_ROWS = 15, LONG_NOTE = 36;
  // on a phone the style shows the first rows of what is folded here; wider screens and paper show everything
  const FIRST_CARDS = 2, FIRST_ROWS = 5;
  document.documentElement.classList.add("hz-live");

  const contents = document.getElementById("contents");
  if (contents) {
    const links = [...contents.querySelectorAll("a")];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "hz-menu";
    button.textContent = "目次";
    button.setAttribute("aria-controls", "contents");
    const open = (wanted) => {
      contents.classList.toggle("hz-open", wanted);
      button.setAttribute("aria-expanded", String(wanted));
      button.textContent = wanted ? "閉じる" : "目次";
    };
    open(false);
    contents.before(button);
    button.addEventListener("click", () => open(!contents.classList.contains("hz-open")));
    contents.addEventListener("click", (event) => { if (event.target.closest("a")) open(false); });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && contents.classList.contains("hz-open")) { open(false); button.focus(); }
    });

    const places = links.map((link) => document.getElementById(link.hash.slice(1)));
    let waiting = false;
    const follow = () => {
      waiting = false;
      let here = -1;
      places.forEach((place, index) => { if (place && place.getBoundingClientRect().top < 160) here = index; });
      links.forEach((link, index) => {
        if (index === here) link.setAttribute("aria-current", "location"); else link.removeAttribute("aria-current");
      });
      for (const item of contents.querySelectorAll(".hz-here")) item.classList.remove("hz-here");
      for (let item = here < 0 ? null : links[here].closest("li"); item; item = item.parentElement.closest("li")) {
        item.classList.add("hz-here");
      }
    };
    const soon = () => { if (!waiting) { waiting = true; requestAnimationFrame(follow); } };
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon, { passive: true });
    follow();
  }

  const folded = [...document.querySelectorAll("details")];
  if (matchMedia("(min-width: 48rem)").matches) for (const each of folded) each.open = true;
  addEventListener("beforeprint", () => { for (const each of folded) each.open = true; });

  const folding = (target, words) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "hz-unfold";
    const fold = (wanted) => {
      target.classList.toggle("hz-folded", wanted);
      button.setAttribute("aria-expanded", String(!wanted));
      button.textContent = wanted ? words : "たたむ";
    };
    fold(true);
    button.addEventListener("click", () => fold(!target.classList.contains("hz-folded")));
    return { button, fold };
  };
  const unfolding = new Map();
  for (const table of document.querySelectorAll(".hz-answer .hz-table, .hz-appendix .hz-table")) {
    const first = table.classList.contains("hz-cards") ? FIRST_CARDS : FIRST_ROWS;
    const rest = (table.tBodies[0]?.rows.length ?? 0) - first;
    if (rest < 1) continue;
    const { button, fold } = folding(table, "残りの{rows}行を見る".replace("{rows}", rest));
    unfolding.set(table, fold);
    table.parentElement.after(button);
  }
  for (const note of document.querySelectorAll(".hz-answer .hz-note")) {
    if (note.textContent.length > LONG_NOTE) note.before(folding(note, "読み方").button);
  }
  for (const terms of document.querySelectorAll(".hz-appendix .hz-terms")) {
    terms.before(folding(terms, "{words}つを見る".replace("{words}", terms.querySelectorAll("dt").length)).button);
  }

  for (const wide of document.querySelectorAll(".hz-scroll")) {
    if (wide.scrollWidth <= wide.clientWidth) continue;
    wide.tabIndex = 0;
    wide.setAttribute("role", "region");
    wide.setAttribute("aria-label", wide.querySelector("caption")?.textContent || "表");
  }

  const number = (text) => {
    const found = text.replace(/,|[¥$€£₩]|CN(?=¥)|NT(?=\$)/g, "").replace(/−/g, "-").match(/[-+]?\d+(\.\d+)?/);
    if (!found) return null;
    const size = /億/.test(text) ? 1e8 : /万/.test(text) ? 1e4 : / billion/.test(text) ? 1e9 : / million/.test(text) ? 1e6 : 1;
    return Number(found[0]) * size;
  };
  const sorted = (body, column, down) => {
    const keyed = [...body.rows].map((row) => {
      const text = row.cells[column].textContent.trim();
      return { row, text, value: number(text) };
    });
    const numeric = keyed.some((each) => each.value !== null);
    keyed.sort((one, other) => {
      if (numeric && (one.value === null) !== (other.value === null)) return one.value === null ? 1 : -1;
      const order = numeric ? one.value - other.value : one.text.localeCompare(other.text, document.documentElement.lang);
      return down ? -order : order;
    });
    body.append(...keyed.map((each) => each.row));
  };
  for (const table of document.querySelectorAll(".hz-answer .hz-table, .hz-cover-table .hz-table")) {
    const body = table.tBodies[0];
    if (!body || body.rows.length < MANY_ROWS) continue;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const sort = document.createElement("button");
      sort.type = "button";
      sort.className = "hz-sort";
      sort.append(...head.childNodes);
      head.append(sort);
      sort.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        for (const each of heads) each.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sorted(body, column, down);
      });
    });
    if (body.rows.length < LONG_ROWS) continue;
    const find = document.createElement("input");
    find.type = "search";
    find.className = "hz-find";
    find.placeholder = "表の中をさがす";
    find.setAttribute("aria-label", "表の中をさがす");
    table.parentElement.before(find);
    find.addEventListener("input", () => {
      unfolding.get(table)?.(false);
      const wanted = find.value.normalize("NFKC").toLowerCase();
      for (const row of body.rows) {
        row.hidden = !row.textContent.normalize("NFKC").toLowerCase().includes(wanted);
      }
    });
  }
})();
