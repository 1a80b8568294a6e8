//! WeChat as far as tokens go, after its documentation: which fetch brings which token, and which token works when.

/// A token is the number of its minting.
pub type Token = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    Stable,
    Classic,
}

const RENEWED_BEFORE: u64 = 300_000;
const OVERLAP: u64 = 300_000;

struct Minted {
    /// The end that WeChat announced.
    ends_at: u64,
    /// The real end, which may come earlier.
    dies_at: u64,
}

pub struct WeChat {
    api: Api,
    minted: Vec<Minted>,
    /// Until when every token is refused, good or not.
    pub refuses_until: u64,
}

impl WeChat {
    pub fn new(api: Api) -> Self {
        Self { api, minted: Vec::new(), refuses_until: 0 }
    }

    /// A fetch in normal mode: the token and the whole seconds that it has left. `life` is for a token minted now.
    pub fn fetch(&mut self, now: u64, life: u64) -> (Token, u64) {
        let renew = self.minted.last().is_none_or(|last| {
            last.dies_at <= now || last.ends_at <= now + RENEWED_BEFORE || self.api == Api::Classic
        });
        if renew {
            if let (Api::Classic, Some(last)) = (self.api, self.minted.last_mut()) {
                last.dies_at = last.dies_at.min(now + OVERLAP);
            }
            self.mint(now, life);
        }
        let token = self.minted.len() - 1;
        (token, (self.minted[token].ends_at - now) / 1_000)
    }

    /// Somebody else kills the token: `force_refresh`, or a reset in the console.
    pub fn outsider(&mut self, now: u64, life: u64) {
        if let Some(last) = self.minted.last_mut() {
            last.dies_at = last.dies_at.min(now);
        }
        self.mint(now, life);
    }

    pub fn accepts(&self, token: Token, now: u64) -> bool {
        now < self.minted[token].dies_at && self.refuses_until <= now
    }

    pub fn ends_at(&self, token: Token) -> u64 {
        self.minted[token].ends_at
    }

    fn mint(&mut self, now: u64, life: u64) {
        let ends_at = now + life * 1_000;
        self.minted.push(Minted { ends_at, dies_at: ends_at });
    }
}
