/** A stored passage as paragraphs, lists, steps and tables, with the quoted part marked. */

import { element } from "./dom.js";
import { offsetConverter } from "./format.js";
import { labelName } from "./language.js";

const MARKER = { item: /^\s*[-*•–]\s+/, step: /^\s*\d+[.)]\s+/ };

/** The passage in HTML; `quote` is marked wherever it reaches. Returns `{body, quotedSourceIds}`. */
export function renderPassage(passage, quote) {
  const { text } = passage;
  const convert = offsetConverter(text);
  const from = quote ? text.indexOf(quote) : -1;
  const marked = from < 0 ? null : { start: from, end: from + quote.length };
  const sentences = (passage.sentences ?? []).map((sentence) => ({
    ...sentence,
    start: convert(sentence.start),
    end: convert(sentence.end),
  }));
  const writer = new Writer(text, marked, sentences, sourceIds(passage));
  const body = element("div", { class: "passage", lang: "de" });
  for (const group of groups(blocksOf(passage, convert))) {
    body.append(renderGroup(group, writer));
  }
  if (quote && !writer.hasMarked) {
    // A citation without a visible quote would be worth nothing: show it in front of the passage.
    body.prepend(element("blockquote", {}, mark(writer.clean(quote))));
  }
  return { body, quotedSourceIds: quotedSourceIds(sentences, marked) };
}

/** The quote alone, for when the passage cannot be loaded. */
export function renderQuote(quote) {
  return element("div", { class: "passage", lang: "de" }, element("blockquote", {}, mark(quote)));
}

function mark(text) {
  return element("mark", { "data-testid": "panel-quote" }, text);
}

function sourceIds(passage) {
  const ids = (passage.sources ?? []).map((source) => source.id);
  for (const sentence of passage.sentences ?? []) {
    ids.push(...(sentence.source_ids ?? []));
  }
  return new Set(ids.filter(Boolean));
}

function quotedSourceIds(sentences, marked) {
  if (!marked) {
    return [];
  }
  const quoted = sentences.filter((sentence) => sentence.start < marked.end && sentence.end > marked.start);
  return [...new Set(quoted.flatMap((sentence) => sentence.source_ids ?? []))];
}

function blocksOf(passage, convert) {
  const blocks = (passage.blocks ?? []).map((block) => ({ ...block, start: convert(block.start), end: convert(block.end) }));
  return blocks.length > 0 ? blocks : [{ kind: "paragraph", start: 0, end: passage.text.length, cells: null }];
}

/** Neighbours of one kind belong together: items to one list, rows with the same headers to one table. */
function groups(blocks) {
  const result = [];
  const headers = (block) => JSON.stringify((block.cells ?? []).map((cell) => cell.header));
  for (const block of blocks) {
    const kind = block.kind === "row" && !block.cells?.length ? "paragraph" : block.kind;
    const last = result.at(-1);
    const joins = last?.kind === kind && kind !== "paragraph"
      && (kind !== "row" || headers(last.blocks[0]) === headers(block));
    if (joins) {
      last.blocks.push(block);
    } else {
      result.push({ kind, blocks: [block] });
    }
  }
  return result;
}

function renderGroup({ kind, blocks }, writer) {
  if (kind === "item" || kind === "step") {
    const items = blocks.map((block) => {
      const skipped = MARKER[kind].exec(writer.text.slice(block.start, block.end))?.[0].length ?? 0;
      return element("li", {}, ...writer.write(block.start + skipped, block.end));
    });
    return element(kind === "step" ? "ol" : "ul", {}, ...items);
  }
  if (kind === "row") {
    return renderTable(blocks, writer);
  }
  return element("p", {}, ...blocks.flatMap((block) => writer.write(block.start, block.end)));
}

function renderTable(rows, writer) {
  const heads = rows[0].cells.map((cell) => element("th", { scope: "col" }, cell.header));
  const lines = rows.map((row) => {
    let from = row.start;
    const cells = row.cells.map((cell) => {
      const at = cell.text ? writer.text.indexOf(cell.text, from) : -1;
      if (at < 0 || at + cell.text.length > row.end) {
        return element("td", {}, ...writer.writeLoose(cell.text ?? "", row));
      }
      from = at + cell.text.length;
      return element("td", {}, ...writer.write(at, from));
    });
    return element("tr", {}, ...cells);
  });
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...lines));
  // Wide tables scroll by themselves, so they must be reachable with the keyboard.
  return labelName(element("div", { class: "table-scroll", role: "group", tabindex: "0" }, table), "table");
}

/** Writes ranges of the stored text as nodes: marked or not, notes on validity behind their sentence. */
class Writer {
  hasMarked = false;
  #marked;
  #sentences;
  #markers;

  constructor(text, marked, sentences, ids) {
    this.text = text;
    this.#marked = marked;
    this.#sentences = sentences;
    const names = [...ids].map((id) => id.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    this.#markers = names.length > 0 ? new RegExp(`\\s*\\[(?:${names.join("|")})\\]`, "g") : null;
  }

  /** The text without the editors' source marks such as [ST-PROJ]. */
  clean(text) {
    return this.#markers ? text.replace(this.#markers, "") : text;
  }

  write(start, end) {
    const noted = this.#sentences.filter(({ validity, end: stop }) => validity && stop > start && stop <= end);
    const nodes = [];
    let from = start;
    for (const sentence of noted) {
      nodes.push(...this.#pieces(from, sentence.end));
      if (!this.text.slice(start, end).includes(sentence.validity)) {
        nodes.push(" ", element("span", { class: "validity" }, sentence.validity));
      }
      from = sentence.end;
    }
    nodes.push(...this.#pieces(from, end));
    return nodes;
  }

  /** A cell whose words do not stand in the text as they are: marked if its row is quoted. */
  writeLoose(text, row) {
    const quoted = this.#marked && row.start < this.#marked.end && row.end > this.#marked.start;
    this.hasMarked ||= Boolean(quoted && text);
    return quoted && text ? [mark(this.clean(text))] : [this.clean(text)];
  }

  #pieces(start, end) {
    const from = Math.max(start, this.#marked?.start ?? end);
    const to = Math.min(end, this.#marked?.end ?? start);
    if (from >= to) {
      return [this.clean(this.text.slice(start, end))];
    }
    this.hasMarked = true;
    return [
      this.clean(this.text.slice(start, from)),
      mark(this.clean(this.text.slice(from, to))),
      this.clean(this.text.slice(to, end)),
    ].filter((piece) => piece !== "");
  }
}
