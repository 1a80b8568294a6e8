//! Blocks of texts in English and Chinese: a first line, then `en` and `zh` what it means, `do-en` and `do-zh` what to do.

/// A block.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The first line.
    pub head: &'static str,
    /// What it means, in English.
    pub en: &'static str,
    /// What it means, in Chinese.
    pub zh: &'static str,
    /// What to do, in English and Chinese.
    pub remedy: Option<(&'static str, &'static str)>,
}

/// Reads the blocks of a file.
///
/// # Errors
/// The block that cannot be read.
pub(crate) fn blocks(file: &'static str) -> Result<Vec<Text>, String> {
    let blocks = file.split("\n\n").map(str::trim_end).filter(|block| !block.starts_with('#'));
    blocks.map(|text| block(text).ok_or_else(|| format!("a block that cannot be read: {text}"))).collect()
}

fn block(text: &'static str) -> Option<Text> {
    let mut lines = text.lines();
    let head = lines.next()?;
    let en = lines.next()?.strip_prefix("en ")?;
    let zh = lines.next()?.strip_prefix("zh ")?;
    let remedy = match lines.next() {
        None => None,
        Some(line) => Some((line.strip_prefix("do-en ")?, lines.next()?.strip_prefix("do-zh ")?)),
    };
    lines.next().is_none().then_some(Text { head, en, zh, remedy })
}
