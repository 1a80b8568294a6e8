//! Products: what a session may order, at a price that an operator stored. One object holds them all, so that a price that
//! was changed holds at once.

use edge::Changes;
use wxedge_contract::{Code, Problem};
use wxedge_pay::Product;

use super::shelf::{Asked, Decide, Done, Listed, Row};
use super::stubs::{self, Part};
use crate::App;
use crate::http::Reply;
use crate::links::named_link::is_name;
use crate::route::Call;

/// Before the name of a product.
const PRODUCTS: &str = "product/";
/// The most products: what one answer lists.
const MOST_PRODUCTS: u32 = 500;

/// What a service does about products.
#[derive(Clone, Copy)]
pub(crate) enum Products {
    Put,
    Get,
    /// Orders of it stay as they are.
    Delete,
    List,
}

/// `PUT`, `GET`, `DELETE /v1/pay/products/{name}`, `GET /v1/pay/products`.
pub(crate) async fn products(call: Call<'_>, what: Products) -> Result<Reply, Problem> {
    let Call { app, names: [name, _], body, .. } = call;
    let (word, product) = match what {
        Products::Put => ("put_product ", Product::parse(body)?.json()),
        Products::Get => ("product ", String::new()),
        Products::Delete => ("delete_product ", String::new()),
        Products::List => ("products", String::new()),
    };
    let object = stubs::name(app.config.pay()?, Part::Products, "");
    let answer = stubs::ask(app, &object, &[word, name].concat(), &product).await?;
    Ok(if answer.is_empty() { Reply::no_content() } else { Reply::text("application/json", answer) })
}

/// The product of that name.
pub(super) async fn find(app: &App, name: &str) -> Result<Product, Problem> {
    if !is_name(name) {
        return Err(unknown());
    }
    let object = stubs::name(app.config.pay()?, Part::Products, "");
    let stored = stubs::ask(app, &object, &["price ", name].concat(), "").await?;
    Ok(Product::parse(stored.as_bytes())?)
}

pub(super) const ROWS: [Row; 5] = [
    row("put_product", false, put),
    row("product", true, |asked, listed| {
        said(stored(asked, listed).map(|product| shown(asked.words[0], product)))
    }),
    row("price", true, |asked, listed| said(stored(asked, listed).map(str::to_owned))),
    row("delete_product", true, delete),
    row("products", false, all),
];

const fn row(word: &'static str, is_of_one: bool, decide: Decide) -> Row {
    Row { word, prefix: PRODUCTS, is_of_one, limit: MOST_PRODUCTS, from_the_last: false, decide }
}

fn key(asked: &Asked<'_>) -> String {
    [PRODUCTS, asked.words[0]].concat()
}

fn put(asked: &Asked<'_>, listed: &Listed) -> Done {
    let is_full = u32::try_from(listed.len()).is_ok_and(|count| count >= MOST_PRODUCTS);
    if is_full && stored(asked, listed).is_none() {
        let full = format!("There are {MOST_PRODUCTS} products already.");
        return Done::refusing(Problem::new(Code::RateLimited, full).non_retryable());
    }
    let changes = Changes { puts: vec![(key(asked), asked.body.to_owned())], ..Changes::default() };
    Done { changes, ..Done::saying(shown(asked.words[0], asked.body)) }
}

fn said(answer: Option<String>) -> Done {
    answer.map_or_else(|| Done::refusing(unknown()), Done::saying)
}

fn stored<'a>(asked: &Asked<'_>, listed: &'a Listed) -> Option<&'a str> {
    let key = key(asked);
    let found = listed.iter().find(|(known, _)| *known == key);
    found.map(|(_, product)| product.as_str())
}

fn delete(asked: &Asked<'_>, _: &Listed) -> Done {
    Done::changing(Changes { deletes: vec![key(asked)], ..Changes::default() })
}

fn all(_: &Asked<'_>, listed: &Listed) -> Done {
    let all =
        listed.iter().map(|(key, product)| shown(key.strip_prefix(PRODUCTS).unwrap_or_default(), product));
    Done::saying([r#"{"products":["#, &all.collect::<Vec<_>>().join(","), "]}"].concat())
}

/// The fields that are stored, with the name before them.
fn shown(name: &str, product: &str) -> String {
    [r#"{"name":""#, name, "\",", product.strip_prefix('{').unwrap_or_default()].concat()
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "There is no such product.")
        .hint("An operator stores it with its price: PUT /v1/pay/products/{name}.")
}
