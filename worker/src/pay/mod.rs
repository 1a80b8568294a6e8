//! Payment: orders that are made, paid and given back. The rules are those of `wxedge_pay`; here lie their storage, the calls
//! of WeChat Pay and the routes.
//!
//! `object` is the class `Orders`, each object of which plays one part: `order` one order with its refunds, and beside it
//! `orphans`; `day` the index of a day, `payer` what a user has not paid yet, `products` the prices, `certificates` WeChat
//! Pay's certificates. Those that only keep something are rows of `shelf`. `stubs` is the way to them. `keys` are the keys
//! that the runtime holds, `exchange` sends what they sign, `verifying` says what is WeChat Pay's, `wechat_pay` makes the
//! calls, `notify` takes notifications, `problems` says what a refusal becomes.

mod certificates;
mod day;
mod exchange;
mod handlers;
mod keys;
mod notify;
pub(crate) mod object;
mod order;
mod orphans;
mod payer;
mod problems;
mod products;
mod shelf;
mod stubs;
mod verifying;
mod wechat_pay;

pub(crate) use handlers::{Change, change_order, create_order, list_orders, order};
pub(crate) use notify::notify;
pub(crate) use payer::erase;
pub(crate) use products::{Products, products};
