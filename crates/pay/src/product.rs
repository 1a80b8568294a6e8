use alloc::format;
use alloc::string::String;
use core::fmt::Write as _;

use wxedge_contract::{FieldError, JsonValue, fields, parse_object};

use crate::amount::Fen;
use crate::form::{json_text, line};
use crate::limits::MOST_OF_A_PRODUCT;

/// Something with a price that an operator stored: a session says which and how many, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// What the payer sees: 1 to 127 characters.
    pub description: String,
    /// The price of one.
    pub amount: Fen,
    /// The most of it in one order; nothing: 9999.
    max_quantity: Option<u32>,
    /// Comes back once it is paid.
    pub attach: Option<String>,
}

fields! {
    only struct ProductFields {
        description: JsonValue,
        amount: JsonValue,
        max_quantity: JsonValue,
        attach: JsonValue,
    }
}

impl Product {
    /// Reads and checks the body of a service's request, and what [`Product::json`] wrote.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        let fields: ProductFields = parse_object(body)?;
        let description = line(fields.description, "description", 127)?;
        let most = fields.max_quantity.optional_integer("max_quantity", 1..=i64::from(MOST_OF_A_PRODUCT))?;
        Ok(Self {
            description: description.ok_or_else(|| {
                FieldError::new("description", "is required: a line of 1 to 127 characters")
            })?,
            amount: Fen::parse(&fields.amount, "amount")?,
            max_quantity: most.and_then(|most| u32::try_from(most).ok()),
            attach: line(fields.attach, "attach", 128)?,
        })
    }

    /// Its fields as JSON, in one order.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json =
            format!("{{\"description\":{},\"amount\":{}", json_text(&self.description), self.amount);
        if let Some(most) = self.max_quantity {
            let _ = write!(json, ",\"max_quantity\":{most}");
        }
        if let Some(attach) = &self.attach {
            let _ = write!(json, ",\"attach\":{}", json_text(attach));
        }
        json.push('}');
        json
    }

    /// How many are wanted, one where nothing is said, and what they cost.
    ///
    /// # Errors
    /// Names the field `quantity`.
    pub fn price(&self, quantity: JsonValue) -> Result<(u32, Fen), FieldError> {
        let most = self.max_quantity.unwrap_or(MOST_OF_A_PRODUCT);
        let quantity = quantity.optional_integer("quantity", 1..=i64::from(most))?;
        let quantity = quantity.and_then(|quantity| u32::try_from(quantity).ok()).unwrap_or(1);
        let amount = self.amount.times(quantity);
        let amount =
            amount.ok_or_else(|| FieldError::new("quantity", "makes more than an order may cost"))?;
        Ok((quantity, amount))
    }
}

#[cfg(test)]
mod tests {
    use super::Product;
    use wxedge_contract::JsonValue::{self, Absent, Integer, Null, Number, Text};

    fn product(json: &str) -> Product {
        Product::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn a_product_is_read_as_it_is_written() {
        for json in [
            r#"{"description":"茶","amount":1}"#,
            r#"{"description":"\"","amount":2147483647,"max_quantity":9999,"attach":"a"}"#,
        ] {
            assert_eq!(product(json).json(), json);
        }
        for (json, field) in [
            ("{}", "description"),
            (r#"{"description":"😀"}"#, "description"),
            (r#"{"description":"a"}"#, "amount"),
            (r#"{"description":"a","amount":0}"#, "amount"),
            (r#"{"description":"a","amount":1,"max_quantity":0}"#, "max_quantity"),
            (r#"{"description":"a","amount":1,"max_quantity":10000}"#, "max_quantity"),
            (r#"{"description":"a","amount":1,"attach":"😀"}"#, "attach"),
            (r#"{"description":"a","amount":1,"price":1}"#, "price"),
        ] {
            assert_eq!(Product::parse(json.as_bytes()).unwrap_err().field, field, "{json}");
        }
    }

    #[test]
    fn what_it_costs_is_the_stored_price_by_a_quantity_in_range() {
        let price = |product: &Product, quantity: JsonValue| {
            product.price(quantity).map(|(quantity, amount)| (quantity, amount.get()))
        };
        let tea = product(r#"{"description":"茶","amount":300,"max_quantity":3}"#);
        assert_eq!(price(&tea, Absent), Ok((1, 300)));
        assert_eq!(price(&tea, Integer(3)), Ok((3, 900)));
        for wrong in [Integer(0), Integer(-1), Integer(4), Integer(1 << 53), Number, Null, Text("1".into())] {
            assert_eq!(price(&tea, wrong).unwrap_err().field, "quantity");
        }
        let gold = product(r#"{"description":"金","amount":2147483647}"#);
        assert_eq!(price(&gold, Integer(2)).unwrap_err().field, "quantity");
    }
}
