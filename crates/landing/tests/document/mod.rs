//! A page as a browser's tokenizer reads it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use html5gum::{DefaultEmitter, Token, Tokenizer};
use sha2::{Digest, Sha256};

/// An element in the order of the text: its name, its attributes by name, and the text right behind its start tag.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

pub(crate) struct Document(Vec<Element>);

impl Document {
    /// Reads a page and fails where a browser would have to mend it.
    pub(crate) fn parse(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut elements: Vec<Element> = Vec::new();
        let mut starts = false;
        for token in Tokenizer::new_with_emitter(html, emitter) {
            match token.unwrap() {
                Token::StartTag(tag) => {
                    starts = true;
                    let attributes =
                        tag.attributes.iter().map(|(name, value)| (text(name), text(&value.value)));
                    elements.push(Element {
                        name: text(&tag.name),
                        attributes: attributes.collect(),
                        text: String::new(),
                    });
                }
                Token::String(value) => {
                    if starts {
                        elements.last_mut().unwrap().text.push_str(&text(&value.value));
                    }
                }
                Token::EndTag(_) => starts = false,
                Token::Doctype(_) => {}
                other => panic!("{other:?} in {html}"),
            }
        }
        Self(elements)
    }

    /// Names of elements and attributes in order: what a page is but for its values.
    pub(crate) fn elements(&self) -> Vec<(&str, Vec<&str>)> {
        self.0
            .iter()
            .map(|element| {
                (element.name.as_str(), element.attributes.iter().map(|(name, _)| name.as_str()).collect())
            })
            .collect()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|element| element.name == name)
    }

    /// The text of the first element of that name.
    pub(crate) fn text(&self, name: &str) -> String {
        self.first(name).text.trim().to_string()
    }

    /// The value of an attribute of the first element of that name.
    pub(crate) fn attribute(&self, name: &str, attribute: &str) -> &str {
        let element = self.first(name);
        let found = element.attributes.iter().find(|(name, _)| name == attribute);
        &found.unwrap_or_else(|| panic!("{attribute} in {element:?}")).1
    }

    /// Every address that the page links to.
    pub(crate) fn hrefs(&self) -> Vec<String> {
        self.values("href")
    }

    /// Every script that the page loads.
    pub(crate) fn script_sources(&self) -> Vec<String> {
        self.values("src")
    }

    pub(crate) fn attribute_names(&self) -> Vec<&str> {
        self.0.iter().flat_map(|element| &element.attributes).map(|(name, _)| name.as_str()).collect()
    }

    /// The hashes, as a policy names them, of the inline elements of that name which a browser runs or applies.
    pub(crate) fn hashes(&self, name: &str) -> Vec<String> {
        let inline = |element: &&Element| element.name == name && element.attributes.is_empty();
        let hash =
            |element: &Element| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(&element.text)));
        self.0.iter().filter(inline).map(hash).collect()
    }

    fn first(&self, name: &str) -> &Element {
        self.0
            .iter()
            .find(|element| element.name == name)
            .unwrap_or_else(|| panic!("{name} in {:?}", self.elements()))
    }

    fn values(&self, attribute: &str) -> Vec<String> {
        let all = self.0.iter().flat_map(|element| &element.attributes);
        all.filter(|(name, _)| name == attribute).map(|(_, value)| value.clone()).collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
