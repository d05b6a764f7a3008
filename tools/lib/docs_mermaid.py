"""Flowcharts of Mermaid as graphs of Graphviz, so that the site needs no script from elsewhere to show them.

What the pages use is understood: boxes, arrows with and without text, dotted and thick ones, subgraphs, direction.
"""
import html
import re

NODE = re.compile(r"(\w+)\s*(\[\[.*?\]\]|\[\(.*?\)\]|\[.*?\]|\(\(.*?\)\)|\(.*?\)|\{\{.*?\}\}|\{.*?\})?")
ARROW = re.compile(r"\s*(?:"
                   r"(?P<tail><)?(?P<open>--|-\.|==)\s*(?P<text>\"[^\"]*\"|[^->.=|\"][^->.=|]*?)\s*(?P<close>-->|---|\.->|\.-|==>|===)"
                   r"|(?P<tail2><)?(?P<arrow>-->|---|-\.->|-\.-|==>|===)(?:\|(?P<text2>[^|]*)\|)?"
                   r")\s*")
SHAPES = {"((": "ellipse", "(": "box", "{{": "hexagon", "{": "diamond", "[(": "cylinder", "[[": "box", "[": "box"}


class not_understood(Exception):
    pass


def text_of(label):
    label = label.strip().strip('"')
    return html.unescape(re.sub(r"<br\s*/?>", "\n", label)).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


class graph:
    def __init__(self):
        self.lines, self.depth, self.known = [], 0, set()

    def put(self, line):
        self.lines.append("  " * (self.depth + 1) + line)

    def node(self, name, shape):
        if shape is None:
            if name not in self.known:
                self.put(f'{name} [label="{name}"];')
        else:
            opening = next(each for each in SHAPES if shape.startswith(each))
            label = shape[len(opening):-len(opening)]
            style = "rounded,filled" if opening == "(" else "filled"
            self.put(f'{name} [label="{text_of(label)}", shape={SHAPES[opening]}, style="{style}"];')
        self.known.add(name)

    def edge(self, left, right, match):
        arrow = match["close"] or match["arrow"]
        dotted = "." in (match["open"] or arrow)
        about = [f'label=" {text_of(match["text"] or match["text2"])} "'] if match["text"] or match["text2"] else []
        about += ["style=dashed"] if dotted else ["penwidth=2"] if "=" in arrow else []
        about += [] if arrow.endswith(">") else ["dir=none"]
        about += ["dir=both"] if match["tail"] or match["tail2"] else []
        self.put(f"{left} -> {right} [{', '.join(about)}];")

    def statement(self, line):
        match = NODE.match(line)
        if not match:
            raise not_understood(line)
        self.node(*match.groups())
        left, at = match[1], match.end()
        while at < len(line):
            arrow = ARROW.match(line, at)
            node = NODE.match(line, arrow.end()) if arrow else None
            if not node:
                raise not_understood(line)
            self.node(*node.groups())
            self.edge(left, node[1], arrow)
            left, at = node[1], node.end()


def as_dot(mermaid):
    """The drawing in the language of Graphviz. Throws not_understood."""
    first, *rest = [line.strip() for line in mermaid.strip().splitlines()]
    kind = re.fullmatch(r"(?:flowchart|graph)\s+(LR|RL|TB|TD|BT)", first)
    if not kind:
        raise not_understood(first)
    made = graph()
    for number, line in enumerate(rest):
        line = line.rstrip(";")
        subgraph = re.fullmatch(r"subgraph\s+(\w+)?\s*(?:\[(.*)\]|\"(.*)\")?", line)
        if not line or line.startswith("%%") or re.match(r"(classDef|class|style|linkStyle|direction)\b", line):
            continue
        if subgraph:
            made.put(f"subgraph cluster_{number} {{")
            made.depth += 1
            made.put(f'label="{text_of(subgraph[2] or subgraph[3] or subgraph[1] or "")}"; style=rounded; color=gray60;')
        elif line == "end":
            made.depth -= 1
            made.put("}")
        else:
            made.statement(line)
    head = [f"rankdir={kind[1].replace('TD', 'TB')}; bgcolor=transparent;",
            'node [shape=box, style=filled, fillcolor="#eef4f8", color="#5b8aa6", fontname="sans-serif", fontsize=11];',
            'edge [color="#55636d", fontname="sans-serif", fontsize=10];']
    return "digraph drawing {\n" + "\n".join(["  " + line for line in head] + made.lines) + "\n}\n"


def self_test():
    dot = as_dot('flowchart LR\n a["one<br>two"] -- "x: 5" --> b(c)\n b -. "y" .-> a\n b --> d & 1'.split(" & ")[0])
    assert 'a [label="one\\ntwo", shape=box' in dot and 'a -> b [label=" x: 5 "];' in dot, dot
    assert 'b -> a [label=" y ", style=dashed];' in dot and "b -> d [];" in dot, dot
    assert "p -> q [label=\" t \", penwidth=2];" in as_dot("graph TD\np ==>|t| q"), as_dot("graph TD\np ==>|t| q")
    assert "a -> b [dir=none];" in as_dot("graph TD\na --- b") and "b -> c [];" in as_dot("graph TD\na --> b --> c")
    inner = as_dot('flowchart TB\nsubgraph s["the pool"]\na\nend')
    assert 'label="the pool"' in inner and inner.count("{") == inner.count("}"), inner
    for unknown in ("sequenceDiagram\n a->>b: x", "flowchart LR\n a ~~~ b"):
        try:
            as_dot(unknown)
        except not_understood:
            continue
        raise AssertionError(unknown)
