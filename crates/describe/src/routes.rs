//! The routes of the Worker as documents tell them: a row of its table, and the block of `routes.txt` that belongs to it.

use wxedge_operations::documents::{Chapter, Document, FieldDocument, fields};
use wxedge_operations::{Operation, Place};
use wxedge_worker::table::Row;

/// What documents say of the routes.
pub const ROUTES: &str = include_str!("../data/routes.txt");

/// A route with all that is said of it.
#[derive(Debug)]
pub struct Route {
    /// Its row in the Worker's table.
    pub row: Row,
    /// Its name, unique: names of types and of functions are made from it.
    pub id: &'static str,
    /// What it does, in English and Chinese.
    pub summary: (&'static str, &'static str),
    /// Where more is said, from the root of the repository.
    pub more: Option<&'static str>,
    /// What names something in the path: name, pattern, comment.
    pub names: Vec<(&'static str, &'static str, &'static str)>,
    /// The parameters of the query.
    pub query: Vec<FieldDocument>,
    /// The fields of a JSON body.
    pub body: Vec<FieldDocument>,
    /// The call whose body it takes.
    pub body_of: Option<Document>,
    /// The groups of fields of which one must be there, or any, where that is so.
    pub groups: Option<Groups>,
    /// What it answers.
    pub reply: Reply,
    /// The fields of a JSON reply.
    pub fields: Vec<FieldDocument>,
    /// The call whose reply it gives.
    pub reply_of: Option<Document>,
    /// The call of WeChat's that it makes.
    pub calls: Option<Document>,
    /// Codes of problems that nothing else tells of.
    pub problems: Vec<&'static str>,
    /// Another status with the same reply.
    pub also: Option<u16>,
    /// A body, as JSON.
    pub example: Option<&'static str>,
    /// A reply, as JSON.
    pub replies: Option<&'static str>,
}

/// Groups of fields that come together.
#[derive(Debug)]
pub struct Groups {
    /// Whether only one of the groups may be there.
    pub exclusive: bool,
    /// The names of each.
    pub groups: Vec<Vec<&'static str>>,
}

/// The kind of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// JSON.
    Json,
    /// Nothing, with status 204.
    Nothing,
    /// PNG or JPEG, or with `?format=base64` JSON.
    Image,
    /// HTML.
    Page,
    /// Plain text.
    Text,
}

/// Joins the rows of the table with what `text` says of them.
///
/// # Errors
/// The block that cannot be read, a row without a block, a block without a row.
pub fn routes(rows: Vec<Row>, text: &'static str, chapters: &[Chapter]) -> Result<Vec<Route>, String> {
    let mut blocks: Vec<_> =
        text.split("\n\n").map(str::trim).filter(|block| !block.starts_with("# ")).collect();
    let mut routes = Vec::new();
    for row in rows {
        if is_gateway(&row) || is_any_of_wechats(&row) {
            continue;
        }
        let line = format!("{} {}", row.method, row.path);
        let index = blocks.iter().position(|block| block.lines().nth(1) == Some(&line));
        let index = index.ok_or_else(|| format!("nothing is said of the route {line}"))?;
        routes.push(route(row, blocks.remove(index), chapters)?);
    }
    match blocks.first() {
        None => Ok(routes),
        Some(block) => Err(format!("there is no route for {}", block.lines().next().unwrap_or_default())),
    }
}

/// What the path of the route begins with that passes calls of WeChat's on.
pub(crate) const GATEWAY: &str = "/v1/wechat/";

/// Whether a row is the gateway's. What it takes stands in the rows of WeChat's calls.
pub(crate) fn is_gateway(row: &Row) -> bool {
    row.path.starts_with(GATEWAY)
}

/// Whether a row is that of any path of WeChat's: it is called as WeChat documents it.
pub(crate) fn is_any_of_wechats(row: &Row) -> bool {
    row.path.starts_with("/{+")
}

fn route(row: Row, block: &'static str, chapters: &[Chapter]) -> Result<Route, String> {
    let said = |what: &str| format!("{what}: {} {}", row.method, row.path);
    let operation = operation(block).ok_or_else(|| said("a block has a name, then method and path"))?;
    let mut route = Route {
        id: block.lines().next().and_then(|line| line.strip_prefix("### ")).unwrap_or_default(),
        query: fields(operation.fields(Place::Query))?,
        body: fields(operation.fields(Place::Body))?,
        fields: fields(operation.fields(Place::Reply))?,
        row,
        summary: ("", ""),
        more: None,
        names: Vec::new(),
        body_of: None,
        groups: None,
        reply: Reply::Json,
        reply_of: None,
        calls: None,
        problems: Vec::new(),
        also: None,
        example: None,
        replies: None,
    };
    for line in block.lines().skip(2) {
        read(&mut route, line, chapters).ok_or_else(|| format!("a line that cannot be read: {line}"))?;
    }
    let (en, zh) = route.summary;
    if en.is_empty() || zh.is_empty() {
        return Err(format!("no summary: {}", route.id));
    }
    Ok(route)
}

/// The lines of fields, read by the grammar of WeChat's calls.
fn operation(block: &'static str) -> Option<Operation> {
    let (_, lines) = block.split_once('\n')?.1.split_once('\n')?;
    let start = block.len().checked_sub(lines.len())?;
    // The methods there are fewer than ours: all that is asked of it is fields.
    let row: &'static str = Box::leak(format!("POST x\n{}", block.get(start..)?).into_boxed_str());
    Operation::parse(row)
}

fn read(route: &mut Route, line: &'static str, chapters: &[Chapter]) -> Option<()> {
    let (marker, rest) = line.split_once(' ')?;
    match marker {
        "en" => route.summary.0 = rest,
        "zh" => route.summary.1 = rest,
        "more" => route.more = Some(rest),
        "/" => {
            let (name, rest) = rest.split_once(' ')?;
            let (pattern, comment) = rest.split_once("  # ")?;
            route.names.push((name, pattern, comment));
        }
        "?" | ">" | "<" => {}
        ">=" => route.body_of = Some(find(chapters, rest)?),
        "<=" => route.reply_of = Some(find(chapters, rest)?),
        "-" => fact(route, rest, chapters)?,
        _ => return None,
    }
    Some(())
}

fn fact(route: &mut Route, line: &'static str, chapters: &[Chapter]) -> Option<()> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "status" if rest == "204" => route.reply = Reply::Nothing,
        "image" => route.reply = Reply::Image,
        "page" => route.reply = Reply::Page,
        "text" => route.reply = Reply::Text,
        "calls" => route.calls = Some(find(chapters, rest)?),
        "problems" => route.problems = rest.split(' ').collect(),
        "also" => route.also = Some(rest.parse().ok()?),
        "one" | "any" => {
            let groups = rest.split(" | ").map(|group| group.split(' ').collect()).collect();
            route.groups = Some(Groups { exclusive: word == "one", groups });
        }
        "example" => route.example = Some(rest),
        "replies" => route.replies = Some(rest),
        _ => return None,
    }
    Some(())
}

fn find(chapters: &[Chapter], path: &str) -> Option<Document> {
    let all = chapters.iter().flat_map(|chapter| &chapter.operations);
    all.clone().find(|document| document.operation.path() == path).cloned()
}

#[cfg(test)]
mod tests {
    use wxedge_operations::documents::chapters;
    use wxedge_worker::table::rows;

    use super::{ROUTES, is_any_of_wechats, is_gateway, routes};

    #[test]
    fn every_route_is_told_and_no_other() {
        let chapters = chapters().unwrap();
        let told = routes(rows(), ROUTES, &chapters).unwrap();
        let is_told = |row: &&super::Row| !is_gateway(row) && !is_any_of_wechats(row);
        assert_eq!(told.len(), rows().iter().filter(is_told).count());
        for (index, route) in told.iter().enumerate() {
            assert!(told.iter().take(index).all(|other| other.id != route.id), "{}", route.id);
        }
        let mut fewer: Vec<_> = rows().into_iter().filter(|row| is_told(&row)).collect();
        let gone = fewer.pop().unwrap();
        assert!(routes(fewer, ROUTES, &chapters).unwrap_err().starts_with("there is no route"));
        let lines = [ROUTES, "\n\n### more\nGET /v1/more\nen More.\nzh 更多。\n"].concat();
        assert!(routes(rows(), lines.leak(), &chapters).unwrap_err().contains("more"));
        let line = format!("{} {}\n", gone.method, gone.path);
        let text = ROUTES.replace(&line, "GET /elsewhere\n");
        assert!(routes(rows(), text.leak(), &chapters).unwrap_err().starts_with("nothing is said"));
    }
}
