//! Products: what a session may order, at a price that an operator stored. One object holds them all, so that a price that
//! was changed holds at once.

use edge::{Changes, Range};
use wxedge_contract::{Code, Problem};
use wxedge_pay::Product;

use super::stubs::{self, Part};
use crate::App;
use crate::http::Reply;
use crate::links::named_link::is_name;
use crate::platform::ObjectState;
use crate::route::Call;

/// Before the name of a product.
const PRODUCTS: &str = "product/";
/// The most products: what one answer lists.
const MOST_PRODUCTS: u32 = 500;

/// `PUT /v1/pay/products/{name}`.
pub(crate) async fn put_product(
    Call { app, names: [name, _], body, .. }: Call<'_>,
) -> Result<Reply, Problem> {
    let product = Product::parse(body)?;
    ask(app, "put_product ", name, &product.json()).await
}

/// `GET /v1/pay/products/{name}`.
pub(crate) async fn get_product(Call { app, names: [name, _], .. }: Call<'_>) -> Result<Reply, Problem> {
    ask(app, "product ", name, "").await
}

/// `DELETE /v1/pay/products/{name}`: orders of it stay as they are.
pub(crate) async fn delete_product(Call { app, names: [name, _], .. }: Call<'_>) -> Result<Reply, Problem> {
    ask(app, "delete_product ", name, "").await?;
    Ok(Reply::no_content())
}

/// `GET /v1/pay/products`.
pub(crate) async fn list_products(Call { app, .. }: Call<'_>) -> Result<Reply, Problem> {
    ask(app, "products", "", "").await
}

async fn ask(app: &App, question: &str, name: &str, body: &str) -> Result<Reply, Problem> {
    let object = stubs::name(app.config.pay()?, Part::Products, "");
    let answer = stubs::ask(app, &object, &[question, name].concat(), body).await?;
    Ok(Reply::text("application/json", answer))
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

pub(super) async fn put(state: &ObjectState, name: &str, product: &str) -> Result<String, Problem> {
    let key = [PRODUCTS, name].concat();
    let all = state.storage.list(range()).await?;
    let is_full = u32::try_from(all.len()).is_ok_and(|count| count >= MOST_PRODUCTS);
    if is_full && !all.iter().any(|(known, _)| *known == key) {
        return Err(Problem::new(Code::RateLimited, format!("There are {MOST_PRODUCTS} products already."))
            .non_retryable());
    }
    state.storage.write(Changes { puts: vec![(key, product.to_owned())], ..Changes::default() }).await?;
    Ok(shown(name, product))
}

pub(super) async fn get(state: &ObjectState, name: &str) -> Result<String, Problem> {
    price(state, name).await.map(|product| shown(name, &product))
}

/// The product as it is stored.
pub(super) async fn price(state: &ObjectState, name: &str) -> Result<String, Problem> {
    state.storage.texts(vec![[PRODUCTS, name].concat()]).await?.pop().flatten().ok_or_else(unknown)
}

pub(super) async fn delete(state: &ObjectState, name: &str) -> Result<String, Problem> {
    let deletes = vec![[PRODUCTS, name].concat()];
    state.storage.write(Changes { deletes, ..Changes::default() }).await?;
    Ok(String::new())
}

pub(super) async fn all(state: &ObjectState) -> Result<String, Problem> {
    let all = state.storage.list(range()).await?;
    let all = all.iter().map(|(key, product)| shown(key.strip_prefix(PRODUCTS).unwrap_or_default(), product));
    Ok([r#"{"products":["#, &all.collect::<Vec<_>>().join(","), "]}"].concat())
}

const fn range() -> Range<'static> {
    Range { prefix: PRODUCTS, end: None, reverse: false, limit: MOST_PRODUCTS }
}

/// The fields that are stored, with the name before them.
fn shown(name: &str, product: &str) -> String {
    [r#"{"name":""#, name, "\",", product.strip_prefix('{').unwrap_or_default()].concat()
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "There is no such product.")
        .hint("An operator stores it with its price: PUT /v1/pay/products/{name}.")
}
