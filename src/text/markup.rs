//! XML and HTML: a tree of elements and its writers. It alone escapes what stands in them.

/// A part of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Markup {
    /// An element.
    Element(Element),
    /// Text, as a reader sees it.
    Text(String),
    /// A style sheet or a script, as it stands in the page: it must not hold its own end tag.
    Raw(&'static str),
}

/// `<name attribute="…">…</name>`
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Markup>,
    on_own_line: bool,
}

/// Elements of HTML that have no end.
const VOID: [&str; 6] = ["br", "hr", "img", "input", "link", "meta"];

impl Element {
    /// An element without attributes.
    pub fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), children: Vec::new(), on_own_line: false }
    }

    /// With an attribute.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// With text inside.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.child(Markup::Text(text.into()))
    }

    /// With a part inside.
    pub fn child(mut self, child: impl Into<Markup>) -> Self {
        self.children.push(child.into());
        self
    }

    /// With parts inside.
    pub fn children<T: Into<Markup>>(mut self, children: impl IntoIterator<Item = T>) -> Self {
        self.children.extend(children.into_iter().map(Into::into));
        self
    }

    /// Begins a line of the written text.
    pub fn on_own_line(mut self) -> Self {
        self.on_own_line = true;
        self
    }

    /// As XML.
    pub fn xml(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, false);
        text.push('\n');
        text
    }

    /// As a page of HTML.
    pub fn html(&self) -> String {
        let mut text = "<!DOCTYPE html>\n".to_owned();
        self.write(&mut text, true);
        text.push('\n');
        text
    }

    fn write(&self, text: &mut String, html: bool) {
        if self.on_own_line && !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push('<');
        text.push_str(self.name);
        for (name, value) in &self.attributes {
            text.push_str(&format!(" {name}=\"{}\"", escape(value)));
        }
        let void = html && VOID.contains(&self.name);
        if self.children.is_empty() && (void || !html) {
            text.push_str(if html { ">" } else { "/>" });
            return;
        }
        text.push('>');
        for child in &self.children {
            match child {
                Markup::Element(element) => element.write(text, html),
                Markup::Text(inner) => text.push_str(&escape(inner)),
                Markup::Raw(raw) => text.push_str(raw),
            }
        }
        text.push_str(&format!("</{}>", self.name));
    }
}

impl From<Element> for Markup {
    fn from(element: Element) -> Self {
        Markup::Element(element)
    }
}

/// Text without what would be read as markup; letters that XML cannot hold become `\u{fffd}`.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(letter),
            control if control.is_control() || matches!(control, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_attributes_are_escaped() {
        let element = Element::new("a").with("href", "x\"&<y>").text("1 < 2 & \u{0}]]>").child(Element::new("br"));
        assert_eq!(element.xml(), "<a href=\"x&quot;&amp;&lt;y&gt;\">1 &lt; 2 &amp; \u{fffd}]]&gt;<br/></a>\n");
        let page = Element::new("div").child(Element::new("p")).child(Element::new("br"));
        assert_eq!(page.html(), "<!DOCTYPE html>\n<div><p></p><br></div>\n");
    }
}
