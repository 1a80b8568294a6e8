//! A Durable Object that does one thing for each method.

use std::cell::Cell;
use std::rc::Rc;

use edge::{
    Answer, Changes, Date, Deadline, Delay, DurableObject, Env, Fetch, LocalBoxFuture, Method, Range,
    SendOnce, SingleFlight, State, StorageError,
};

use crate::number;

pub(crate) struct Thing {
    state: State,
    env: Env,
    flights: SingleFlight<String>,
    /// What is lost when the wasm is started anew.
    remembered: Cell<u32>,
}

impl Thing {
    pub(crate) fn new(state: State, env: Env) -> Self {
        Self { state, env, flights: SingleFlight::new(), remembered: Cell::new(0) }
    }

    async fn answer(self: Rc<Self>, method: &str, body: String) -> Result<Answer, String> {
        let storage = self.state.storage();
        let stored = match method {
            "increment" => {
                return self.increment().await.map(Answer::Text).map_err(|error| error.to_string());
            }
            "count" => {
                let count = storage.get_text("count").await.map_err(|error| error.to_string())?;
                return Ok(Answer::Text(count.unwrap_or_default()));
            }
            "put_bytes" => storage.put_bytes("bytes", body.as_bytes()).await,
            "bytes" => {
                let bytes = storage.get_bytes("bytes").await.map_err(|error| error.to_string())?;
                return Ok(Answer::Bytes(bytes.unwrap_or_default()));
            }
            "bytes_as_text" => {
                let text = storage.get_text("bytes").await.map_err(|error| error.to_string())?;
                return Ok(Answer::Text(text.unwrap_or_else(|| "absent".to_owned())));
            }
            "write" => self.write(&body, None).await,
            "write_and_ring" => self.write(&body, Some(Date::now().as_millis().saturating_add(60_000))).await,
            "write_at" => {
                let (at, keys) = body.split_once(' ').unwrap_or_default();
                self.write(keys, Some(number(at))).await
            }
            "texts" => return self.texts(&body).await.map_err(|error| error.to_string()),
            "list" => return self.list(&body).await.map_err(|error| error.to_string()),
            "alarm" => {
                let at = storage.get_alarm().await.map_err(|error| error.to_string())?;
                let left = at.map(|at| at.saturating_sub(Date::now().as_millis()).to_string());
                return Ok(Answer::Text(left.unwrap_or_default()));
            }
            "delete_all" => storage.delete_all().await,
            "ring" => storage.set_alarm(Date::now().as_millis().saturating_add(number(&body))).await,
            "later" => {
                self.later();
                Ok(())
            }
            "shared" => return Ok(Answer::Text(self.shared(body).await)),
            "once" => return self.once(&body).await,
            "trap" => std::process::abort(),
            // The runtime refuses a time that is none.
            "refused" => storage.set_alarm(0).await,
            _ => return Err(format!("{{\"unknown\":\"{method}\"}}")),
        };
        stored.map(|()| Answer::NOTHING).map_err(|error| error.to_string())
    }

    /// Gives how often it was called, by the storage and by its memory.
    async fn increment(&self) -> Result<String, StorageError> {
        let storage = self.state.storage();
        let stored = storage.get_text("count").await?;
        let count = stored.map_or(0, |count| number::<u32>(&count)).saturating_add(1);
        storage.put_text("count", &count.to_string()).await?;
        self.remembered.set(self.remembered.get().saturating_add(1));
        Ok(format!("{count}/{}", self.remembered.get()))
    }

    /// Writes the keys between spaces, each with itself as its text; those after `-` are deleted.
    async fn write(&self, keys: &str, alarm: Option<u64>) -> Result<(), StorageError> {
        let mut changes = Changes { alarm, ..Changes::default() };
        for key in keys.split(' ').filter(|key| !key.is_empty()) {
            match key.strip_prefix('-') {
                Some(key) => changes.deletes.push(key.to_owned()),
                None => changes.puts.push((key.to_owned(), key.to_owned())),
            }
        }
        self.state.storage().write(changes).await
    }

    async fn texts(&self, keys: &str) -> Result<Answer, StorageError> {
        let texts = self.state.storage().get_texts(keys.split(' ').map(str::to_owned).collect()).await?;
        let texts: Vec<_> = texts.into_iter().map(|text| text.unwrap_or_else(|| "?".to_owned())).collect();
        Ok(Answer::Text(texts.join(" ")))
    }

    /// Lists by `prefix limit`, the last first where a third word says before which key.
    async fn list(&self, range: &str) -> Result<Answer, StorageError> {
        let mut words = range.split(' ');
        let prefix = words.next().unwrap_or_default();
        let limit = number(words.next().unwrap_or_default());
        let end = words.next();
        let listed = self.state.storage().list(Range { prefix, end, reverse: end.is_some(), limit }).await?;
        let keys: Vec<_> = listed.into_iter().map(|(key, _)| key).collect();
        Ok(Answer::Text(keys.join(" ")))
    }

    /// Stores something after the answer.
    fn later(self: &Rc<Self>) {
        let this = self.clone();
        self.state.wait_until(async move {
            Delay::of(50).await;
            if this.increment().await.is_err() {
                edge::console_error("the storage failed");
            }
        });
    }

    /// One request for all who ask at once.
    async fn shared(&self, url: String) -> String {
        if let Some(flight) = self.flights.current() {
            return flight.await;
        }
        let flight = self.flights.start(async move {
            let received = Fetch::new(Method::Get, &url, Deadline::after(10_000), 1024).send().await;
            received.map_or_else(
                |error| error.to_string(),
                |response| String::from_utf8_lossy(&response.body).into_owned(),
            )
        });
        let driven = flight.clone();
        self.state.wait_until(async move { drop(driven.await) });
        flight.await
    }

    async fn once(&self, url: &str) -> Result<Answer, String> {
        let get = SendOnce::get(url, 1_000, Deadline::after(5_000), 1024);
        get.send(&self.env)
            .await
            .map(|response| Answer::Bytes(response.body))
            .map_err(|error| error.to_string())
    }

    /// Fails the first time.
    async fn ring(&self) -> Result<(), String> {
        let storage = self.state.storage();
        let rung = storage.get_text("rung").await.map_err(|error| error.to_string())?;
        let count = rung.map_or(0, |rung| number::<u32>(&rung)).saturating_add(1);
        storage.put_text("rung", &count.to_string()).await.map_err(|error| error.to_string())?;
        if count == 1 {
            return Err("the alarm is to ring again".to_owned());
        }
        self.increment().await.map(drop).map_err(|error| error.to_string())
    }
}

impl DurableObject for Thing {
    fn call(self: Rc<Self>, method: String, body: String) -> LocalBoxFuture<'static, Result<Answer, String>> {
        Box::pin(async move { self.answer(&method, body).await })
    }

    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), String>> {
        Box::pin(async move { self.ring().await })
    }
}
