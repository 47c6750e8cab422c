"use strict";
// One drawing, the step records of one or more runs, and a position among the steps. `show` paints
// the page for a position; nothing else changes it. All texts enter as text, never as HTML.
(() => {
  const at = (id) => document.getElementById(id);
  const { nodes, runs, ids } = JSON.parse(at("data").textContent);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const range = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

  // ── the steps, in order: {run, phase, index of the node, place within the phase, of how many} ──
  const steps = runs.flatMap((run, r) => [
    ...nodes.map((_, i) => ({ r, phase: "forward", j: i + 1, k: i + 1, of: nodes.length })),
    ...(run.gradients || []).map((_, i, all) => ({ r, phase: "backward", j: all.length - i, k: i + 1, of: all.length })),
    ...(run.updates || []).map(([j], i, all) => ({ r, phase: "update", j, k: i + 1, of: all.length })),
  ]);
  const PHASES = { forward: "Forward pass", backward: "Backward pass", update: "Update" };

  // ── small pieces of page ──
  const make = (tag, className, ...children) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };
  const text = (number) => (Array.isArray(number) ? number[0] : number);
  const full = (number) => (Array.isArray(number) ? number[1] : number);
  const bracketed = (shown) => (shown.startsWith("−") || shown.includes("×") ? `(${shown})` : shown);
  const numberIn = (number, kind, show = (x) => x) => {
    const element = make("span", `number ${kind}-number`, show(text(number)));
    element.title = full(number);
    return element;
  };
  const typeset = ([base, below, above]) => {
    const element = make("span", "name", make(base.length === 1 ? "i" : "bdi", "", base));
    if (below) element.append(make("sub", "", below));
    if (above) element.append(make("sup", "", above));
    return element;
  };
  const name = (j) => typeset(nodes[j - 1].name);
  const u = (index) => typeset(["u", "", `(${index})`]);
  const uOfI = () => make("span", "name", make("i", "", "u"), make("sup", "", "(", make("i", "", "i"), ")"));
  const unnamed = ([base, below, above]) => base === "u" && !below && above;
  const spoken = (j) => {
    const [base, below, above] = nodes[j - 1].name;
    if (unnamed(nodes[j - 1].name)) return base + above.replace(/[()]/g, "");
    return base + (below && !/^\d/.test(below) ? "_" : "") + below + (above && ` ${above}`);
  };
  const nabla = (what) => make("span", "", "∇[", what, "]");
  const fraction = (above, below) => make("span", "fraction", make("span", "", "∂", above), make("span", "", "∂", below));
  // An operand in a formula: u⁽⁵⁾ stands in brackets before an exponent, and w₁ does not need to.
  const symbol = (node, i) => {
    const j = node.formula[i];
    return node.raised.includes(i) && nodes[j - 1].name[2] ? make("span", "", "(", name(j), ")") : name(j);
  };
  const column = (above, below) => make("span", "column", make("span", "", above), make("span", "", below));
  const sign = (s) => column(` ${s} `, ` ${s} `);

  // ── the sum of a step: symbols over numbers, each under its own ──
  const result = (number, kind) => {
    const total = numberIn(number, kind);
    total.classList.add("total");
    return make("span", "column result", make("span", "", " = ", total));
  };

  function forwardEquation({ r, j }) {
    const node = nodes[j - 1], run = runs[r];
    if (!node.formula.length) return [column(name(j), ""), column(" = ", ""), column(numberIn(run.values[j - 1], "value"), "")];
    const pieces = node.formula.map((piece, i) => {
      if (typeof piece === "string") return column(piece, piece);
      const guard = node.guarded.includes(i) ? bracketed : (x) => x;
      const both = column(symbol(node, i), numberIn(run.values[piece - 1], "value", guard));
      both.classList.toggle("raised", node.raised.includes(i)); // the exponent that follows stands close
      return both;
    });
    const numbers = node.formula.some((piece) => typeof piece === "number");
    const equation = [column(name(j), ""), sign("="), ...pieces];
    return numbers ? [...equation, result(run.values[j - 1], "value")] : [...equation, column(" = ", " = "), column(numberIn(run.values[j - 1], "value"), "")];
  }

  function backwardEquation({ r, j }) {
    const run = runs[r], terms = run.terms[j - 1], total = run.gradients[j - 1];
    if (!terms.length) return [column(nabla(name(j)), ""), column(" = ", ""), column(numberIn(total, "gradient"), "")];
    const written = terms.map(([i, operand], t) => make("span", "term", ...(t ? [sign("+")] : []),
        column(nabla(name(i)), numberIn(run.gradients[i - 1], "gradient", bracketed)), sign("·"),
        column(fraction(name(i), name(j)), numberIn(run.locals[i - 1][operand], "local", bracketed))));
    return [column(nabla(name(j)), ""), sign("="), ...written, result(total, "gradient")];
  }

  function updateEquation({ r, j, k }) {
    const run = runs[r], [, rate, after] = run.updates[k - 1];
    return [
      column(name(j), ""), column(" ← ", " = "), column(name(j), numberIn(run.values[j - 1], "value")), sign("−"),
      column(make("i", "", "η"), numberIn(rate, "rate")), sign("·"),
      column(nabla(name(j)), numberIn(run.gradients[j - 1], "gradient", bracketed)), result(after, "value"),
    ];
  }

  // The line of the algorithm that a step carries out.
  function rule({ r, phase, j }) {
    const list = (indices) => indices.flatMap((i, n) => [...(n ? [", "] : []), u(i)]);
    const few = (indices) => (indices.length > 8 ? [...list(indices.slice(0, 7)), ", …"] : list(indices));
    const own = [...new Set(nodes[j - 1].parents)];
    if (phase === "update") return [u(j), " ← ", u(j), " − ", make("i", "", "η"), "·", nabla(u(j))];
    if (phase === "forward") return own.length ? [u(j), " = ", make("i", "", "f"), "(", ...few(own), ")"] : [u(j), " is an input"];
    const users = [...new Set(runs[r].terms[j - 1].map(([i]) => i))];
    if (!users.length) return [nabla(u(j)), " = 1, for ", u(j), " is the output"];
    return [nabla(u(j)), " = Σ ", nabla(uOfI()), " · ∂", uOfI(), "/∂", u(j), ", ", make("i", "", "i"), " = ", users.slice(0, 8).join(", "), users.length > 8 ? ", …" : ""];
  }

  const EQUATIONS = { forward: forwardEquation, backward: backwardEquation, update: updateEquation };

  // The same for those who listen.
  function sentence(step) {
    const run = runs[step.r], j = step.j;
    if (step.phase === "forward") {
      const formula = nodes[j - 1].formula.map((p) => (typeof p === "string" ? p : spoken(p))).join("");
      return `${spoken(j)} = ${formula ? `${formula} = ` : ""}${text(run.values[j - 1])}`;
    }
    if (step.phase === "update") return `${spoken(j)} becomes ${text(run.updates[step.k - 1][2])}`;
    const terms = run.terms[j - 1].map(([i, operand]) => `${bracketed(text(run.gradients[i - 1]))}·${bracketed(text(run.locals[i - 1][operand]))}`);
    return `∇[${spoken(j)}] = ${terms.length ? `${terms.join(" + ")} = ` : ""}${text(run.gradients[j - 1])}`;
  }

  // ── tables: numbers stand with their points under one another, and nothing moves ──
  const [leftOf, rightOf] = [(shown) => shown.split(/(?=[.×])/)[0], (shown) => shown.slice(leftOf(shown).length)];
  const widthOf = (shown) => shown.length + (shown.includes("−") ? 0.4 : 0); // in digits; − is wider
  const widest = (numbers, part) => `${numbers.reduce((most, x) => Math.max(most, widthOf(part(text(x)))), 0)}ch`;
  function numberCells(columnName, numbers, count) {
    const left = widest(numbers, leftOf), right = widest(numbers, rightOf);
    return range(1, count).map(() => {
      const cell = make("td", "number-cell", make("span", "left"), make("span", "right"));
      cell.dataset.column = columnName;
      cell.style.setProperty("--left", left);
      cell.style.setProperty("--right", right);
      return cell;
    });
  }
  function fill(cell, number) {
    const shown = number === undefined ? "" : text(number);
    if (cell.textContent === shown) return;
    cell.firstChild.textContent = leftOf(shown);
    cell.lastChild.textContent = rightOf(shown);
    cell.title = number === undefined ? "" : full(number);
  }
  const after = (run) => (run.updates || []).map((update) => update[2]);
  const heading = (...labels) => make("thead", "", make("tr", "", ...labels.map(([label, className]) => {
    const cell = make("th", className, label);
    cell.scope = "col";
    return cell;
  })));
  const headed = (label, table) => {
    const box = make("div", "scroll", table);
    at("tables").append(make("h2", "", label), box);
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", label);
    return box;
  };

  const valueCells = numberCells("value", runs.flatMap((run) => [...run.values, ...after(run)]), nodes.length);
  const gradientCells = numberCells("gradient", runs.flatMap((run) => run.gradients || []), nodes.length);
  const formulaOf = (node) => node.formula.map((p, k) => (typeof p === "string" ? p : symbol(node, k)));
  const rows = nodes.map((node, i) => {
    const button = make("button", "", u(i + 1));
    button.type = "button";
    const index = make("th", "", button);
    index.scope = "row";
    const [base, below] = node.name;  // without the number, which stands in the row's head
    const label = unnamed(node.name) ? make("span", "formula in-place-of-name", ...formulaOf(node)) : typeset([base, below, ""]);
    const formula = make("td", "formula formula-column", ...formulaOf(node));
    const values = valueCells[i], gradients = gradientCells[i];
    const row = make("tr", "", index, make("td", "", label), formula, values, gradients);
    row.id = `row-${i + 1}`;
    row.addEventListener("click", () => jump([i + 1]));
    return { row, button, values, gradients };
  });
  const table = make("table", "", heading(["node", ""], ["name", ""], ["computed as", "formula-column"], ["value", "number-cell"], ["gradient ∇", "number-cell"]),
    make("tbody", "", ...rows.map(({ row }) => row)));

  const descended = runs.length > 1 ? runs[0].updates.map(([j]) => j).slice(0, 6) : [];
  const watched = [nodes.length, ...descended];
  const watchedCells = watched.map((j) => numberCells("value", runs.map((run) => run.values[j - 1]), runs.length));
  const iterations = runs.map((run, r) => {
    const button = make("button", "", `${r + 1}`);
    button.type = "button";
    button.setAttribute("aria-label", `Go to iteration ${r + 1}`);
    button.addEventListener("click", () => go(steps.findIndex((step) => step.r === r)));
    const cells = watchedCells.map((column) => column[r]);
    return { row: make("tr", "", make("td", "", button), ...cells), cells };
  });
  if (runs.length > 1) {
    const labels = watched.map((j) => [name(j), "number-cell"]);
    const overview = make("table", "", heading(["iteration", ""], ...labels), make("tbody", "", ...iterations.map(({ row }) => row)));
    headed("Iterations", overview);
  }
  const tableBox = headed("Value table and gradient table", table);

  // ── the drawing ──
  const drawing = at("drawing"), svg = drawing.querySelector("svg");
  drawing.style.setProperty("--width", `${svg.getAttribute("width")}px`);
  drawing.style.setProperty("--ratio", svg.getAttribute("width") / svg.getAttribute("height"));
  const home = (j) => ids.cards[j - 1]; // of the card that stands for a node
  const cards = new Map(); // id → the card, its texts, and the nodes that it stands for
  for (const j of range(1, nodes.length)) {
    const card = at(home(j));
    if (!cards.has(home(j))) cards.set(home(j), { card, value: card.querySelector(".value"), gradient: card.querySelector(".gradient"), members: [] });
    cards.get(home(j)).members.push(j);
  }
  for (const { card, members } of cards.values()) card.addEventListener("click", () => jump(members));
  const edges = new Map(); // id → the edge, its parts, and the uses of an operand that it stands for
  for (const to of range(1, nodes.length)) {
    nodes[to - 1].parents.forEach((from, operand) => {
      const id = ids.edges[to - 1][operand], edge = at(id);
      if (!id) return; // both ends are in one card
      if (!edges.has(id)) edges.set(id, { edge, label: edge.querySelector("text"), way: edge.querySelector(".way"), uses: [] });
      edges.get(id).uses.push({ from, to, operand });
    });
  }

  function write(element, shown) {
    if (element && element.textContent !== shown) element.textContent = shown;
  }

  // A number, or for a card that stands for several nodes how many of them have one by now.
  function summary(members, numberOf) {
    const known = members.map(numberOf).filter((number) => number !== undefined);
    if (!known.length) return undefined;
    return members.length === 1 ? text(known[0]) : `${known.length} of ${members.length}`;
  }

  function paintDrawing(step, valueOf, gradientOf) {
    const back = step.phase === "backward";
    for (const { card, value, gradient, members } of cards.values()) {
      const x = summary(members, valueOf), g = summary(members, gradientOf), current = members.includes(step.j);
      card.classList.toggle("unknown-value", x === undefined);
      card.classList.toggle("unknown-gradient", g === undefined);
      card.classList.toggle("forward", current && !back);
      card.classList.toggle("backward", current && back);
      if (x !== undefined) write(value, x);
      if (g !== undefined) write(gradient, `∇ ${g}`);
    }
    for (const { edge, label, uses } of edges.values()) {
      edge.classList.toggle("unknown-value", uses.every(({ to }) => valueOf(to) === undefined));
      edge.classList.toggle("forward", step.phase === "forward" && uses.some(({ to }) => to === step.j));
      edge.classList.toggle("backward", back && uses.some(({ from }) => from === step.j));
      if (uses.length === 1) write(label, text(runs[step.r].locals[uses[0].to - 1][uses[0].operand]));
    }
  }

  // A dot runs along each edge that feeds the node, the way the number goes.
  function animate(step) {
    svg.querySelectorAll(".runner").forEach((dot) => dot.remove());
    if (calm.matches || step.phase === "update") return;
    const lit = [...edges.values()].filter(({ edge }) => edge.classList.contains(step.phase)).slice(0, 40);
    const dots = lit.map(({ edge, way }) => {
      const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      dot.setAttribute("class", "runner");
      dot.setAttribute("r", "4");
      edge.append(dot);
      return { dot, way, length: way.getTotalLength() };
    });
    const start = performance.now();
    const frame = (now) => {
      const part = Math.min((now - start) / 240, 1);
      for (const { dot, way, length } of dots) {
        const point = way.getPointAtLength(length * (step.phase === "forward" ? part : 1 - part));
        dot.setAttribute("cx", point.x);
        dot.setAttribute("cy", point.y);
        if (part === 1) dot.remove();
      }
      if (part < 1 && dots.some(({ dot }) => dot.isConnected)) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  // Scroll a box, and nothing around it, until an element in it is well inside.
  function reveal(box, element, margin) {
    const outer = box.getBoundingClientRect(), inner = element.getBoundingClientRect();
    const shift = (low, high, from, to) => (low < from + margin ? low - from - margin : high > to - margin ? high - to + margin : 0);
    const top = shift(inner.top, inner.bottom, outer.top, outer.bottom), left = shift(inner.left, inner.right, outer.left, outer.right);
    if (top || left) box.scrollBy({ top, left, behavior: calm.matches || playing ? "auto" : "smooth" });
  }

  // ── one position ──
  let position = 0;
  let playing = null;

  function paintTables(step, valueOf, gradientOf) {
    const feeding = new Set(step.phase === "forward" ? nodes[step.j - 1].parents : step.phase === "backward" ? runs[step.r].terms[step.j - 1].map(([i]) => i) : []);
    rows.forEach(({ row, button, values, gradients }, i) => {
      const current = step.j === i + 1;
      button.tabIndex = current ? 0 : -1; // from there up and down
      fill(values, valueOf(i + 1));
      fill(gradients, gradientOf(i + 1));
      row.classList.toggle("current", current);
      row.classList.toggle("forward", current && step.phase !== "backward");
      row.classList.toggle("backward", current && step.phase === "backward");
      row.classList.toggle("feeds", feeding.has(i + 1));
      if (current) row.setAttribute("aria-current", "step"); else row.removeAttribute("aria-current");
    });
    iterations.forEach(({ row, cells }, r) => {
      watched.forEach((j, c) => {
        const known = r < step.r || (r === step.r && (j !== nodes.length || step.phase !== "forward" || step.j === j));
        fill(cells[c], known ? runs[r].values[j - 1] : undefined);
      });
      row.classList.toggle("current", r === step.r);
    });
  }

  function whereabouts(step) {
    const iteration = runs.length > 1 ? `Iteration ${step.r + 1} of ${runs.length}, ` : "";
    const phase = make("b", step.phase, iteration ? PHASES[step.phase].toLowerCase() : PHASES[step.phase]);
    return [iteration, phase, `, step ${step.k} of ${step.of}`];
  }

  // Keep the place for the longest of these lines, so that neither the slider nor the page changes its size.
  function reserve() {
    const place = at("where");
    place.style.minWidth = place.style.minHeight = "";
    const sizes = steps.filter((step) => step.k === step.of).map((step) => {
      place.replaceChildren(...whereabouts(step));
      return [place.offsetWidth, place.offsetHeight];
    });
    place.style.minWidth = `${Math.max(...sizes.map(([width]) => width)) + 1}px`;
    place.style.minHeight = `${Math.max(...sizes.map(([, height]) => height))}px`;
    place.replaceChildren(...whereabouts(steps[position]));
  }

  // Keep the height of the tallest step, so that nothing below moves; of very many, of the first.
  function reserveHeight() {
    at("step").style.minHeight = "";
    steps.slice(0, 400).forEach(paintEquation);
  }

  function paintEquation(step) {
    const equation = at("equation");
    equation.classList.toggle("tall", step.phase === "backward");
    equation.replaceChildren(...EQUATIONS[step.phase](step));
    equation.setAttribute("aria-label", sentence(step));
    at("rule").replaceChildren(...rule(step));
    const panel = at("step");
    panel.style.minHeight = `${Math.max(parseFloat(panel.style.minHeight) || 0, panel.offsetHeight)}px`;
  }

  function paintStep(step) {
    paintEquation(step);
    const equation = at("equation");
    equation.tabIndex = equation.scrollHeight > equation.clientHeight ? 0 : -1; // to be scrolled by keys
    at("where").replaceChildren(...whereabouts(step));
    at("said").textContent = `${at("where").textContent}: ${sentence(step)}`;
    at("position").setAttribute("aria-valuetext", at("said").textContent);
  }

  function show(step) {
    const run = runs[step.r], order = { forward: 0, backward: 1, update: 2 }[step.phase];
    const updated = new Map((run.updates || []).slice(0, order === 2 ? step.k : 0).map(([j, , x]) => [j, x]));
    const valueOf = (j) => (order > 0 || j <= step.j ? updated.get(j) || run.values[j - 1] : undefined);
    const gradientOf = (j) => (order === 2 || (order === 1 && j >= step.j) ? run.gradients[j - 1] : undefined);
    paintDrawing(step, valueOf, gradientOf);
    paintTables(step, valueOf, gradientOf);
    paintStep(step);
    at("position").value = position + 1;
    for (const id of ["first", "previous"]) at(id).setAttribute("aria-disabled", position === 0);
    for (const id of ["next", "last"]) at(id).setAttribute("aria-disabled", position === steps.length - 1);
  }

  function go(to) {
    position = Math.max(0, Math.min(to, steps.length - 1));
    const step = steps[position];
    show(step);
    animate(step);
    reveal(drawing, at(home(step.j)), 24);
    reveal(tableBox, rows[step.j - 1].row, 32);
  }

  // To the step of a node in the pass that is shown; of several nodes, to their first. A node that is not updated has its
  // gradient to show.
  function jump(members) {
    const { r, phase } = steps[position];
    const first = (phase) => steps.findIndex((step) => step.r === r && step.phase === phase && members.includes(step.j));
    play(false);
    go(first(phase) < 0 ? first("backward") : first(phase));
  }

  // ── controls ──
  function play(on) {
    clearInterval(playing);
    playing = on ? setInterval(() => (position < steps.length - 1 ? go(position + 1) : play(false)), 1100) : null;
    document.body.classList.toggle("playing", on);
    at("play").setAttribute("aria-label", on ? "Pause" : "Play");
    if (on && position === steps.length - 1) go(0);
  }
  const actions = {
    first: () => go(0), previous: () => go(position - 1), next: () => go(position + 1), last: () => go(steps.length - 1),
  };
  for (const [id, act] of Object.entries(actions)) at(id).addEventListener("click", () => { play(false); act(); });
  at("play").addEventListener("click", () => play(!playing));
  at("position").max = steps.length;
  at("position").addEventListener("input", (event) => { play(false); go(event.target.valueAsNumber - 1); });

  const KEYS = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last", " ": "play" };
  document.addEventListener("keydown", (event) => {
    const id = KEYS[event.key], tag = event.target.tagName;
    if (!id || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (tag === "INPUT" && id !== "play" || tag === "BUTTON" && id === "play") return; // theirs already
    event.preventDefault();
    at(id).click();
  });

  const NEIGHBOURS = { ArrowUp: -1, ArrowDown: 1 };
  table.addEventListener("keydown", (event) => {
    const j = steps[position].j + NEIGHBOURS[event.key];
    if (!rows[j - 1]) return;
    event.preventDefault();
    jump([j]);
    rows[j - 1].button.focus();
  });

  addEventListener("resize", () => { reserve(); reserveHeight(); paintEquation(steps[position]); });

  for (const [i, step] of steps.entries()) {
    const track = at("track"), open = track.lastChild, same = open && i && steps[i - 1].phase === step.phase && steps[i - 1].r === step.r;
    const piece = same ? open : track.appendChild(make("span", step.phase));
    piece.style.flexGrow = Number(piece.style.flexGrow || 0) + 1;
  }

  // ── inside a notebook: hide the fallback, follow the theme and the height ──
  function themeOf(around) {
    const { vscodeThemeKind, jpThemeLight } = around.body.dataset;
    if (vscodeThemeKind) return vscodeThemeKind.includes("light") ? "light" : "dark";
    if (jpThemeLight) return jpThemeLight === "true" ? "light" : "dark";
    const [red, green, blue, alpha] = getComputedStyle(frameElement.parentElement).color.match(/[\d.]+/g).map(Number);
    if (alpha === 0) return "";
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128 ? "light" : "dark";
  }
  function settle(frame) {
    const around = frame.ownerDocument;
    const theme = () => { document.documentElement.dataset.theme = themeOf(around); };
    theme();
    new MutationObserver(theme).observe(around.body, { attributes: true });
    const fit = () => { frame.style.height = `${document.body.scrollHeight + 2}px`; };
    new ResizeObserver(fit).observe(document.body);
    if (frame.previousElementSibling) frame.previousElementSibling.hidden = true;
  }
  try { if (frameElement) settle(frameElement); } catch { /* a frame of another origin: stay as we are */ }

  reserve();
  reserveHeight();
  go(0);
})();
