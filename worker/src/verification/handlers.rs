use wxedge_contract::{Code, FieldError, Problem};

use super::files;
use crate::http::Reply;
use crate::route::Call;

/// The largest verification file, in bytes: the console's have 32.
const LARGEST_FILE: usize = 1024;
/// How long a cache may keep a file, in seconds: short, since an operator may replace it.
const SHORT_LIFE: &str = "public, max-age=60";

/// Whether the text can be the name of a verification file: `[A-Za-z0-9_-]{1,64}.txt`.
pub(crate) fn is_file_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    text.strip_suffix(".txt").is_some_and(|name| (1..=64).contains(&name.len()) && name.bytes().all(allowed))
}

/// `PUT /v1/verify/{file}`: a file by which the console sees that the host is ours.
pub(crate) async fn put_verification(
    Call { app, body, names: [name, _], .. }: Call<'_>,
) -> Result<Reply, Problem> {
    // (1) Parse.
    check_name(name)?;
    let text = body;
    if text.len() > LARGEST_FILE {
        return Err(Problem::new(
            Code::TooLarge,
            format!("A verification file may have up to {LARGEST_FILE} bytes: send it as it was downloaded."),
        ));
    }
    if text.is_empty() || std::str::from_utf8(text).is_err() {
        return Err(
            FieldError::new("body", "must be the text of the file, exactly as it was downloaded").into()
        );
    }
    // (2) Store.
    files::put(&app.platform, name, text).await?;
    Ok(Reply::no_content())
}

/// `DELETE /v1/verify/{file}`.
pub(crate) async fn delete_verification(
    Call { app, names: [name, _], .. }: Call<'_>,
) -> Result<Reply, Problem> {
    check_name(name)?;
    files::delete(&app.platform, name).await?;
    Ok(Reply::no_content())
}

/// `GET /{file}`, in any directory: exact bytes, and never anything that a browser would run.
pub(crate) async fn verification_file(
    Call { app, names: [name, _], .. }: Call<'_>,
) -> Result<Reply, Problem> {
    let text = files::find(&app.platform, name).await.ok_or_else(|| {
        Problem::new(Code::NotFound, "There is no such verification file.")
            .hint("An operator stores it with PUT /v1/verify/{file}; a new one can take a minute to be seen everywhere.")
    })?;
    Ok(Reply::bytes("text/plain", text.to_vec()).with("Cache-Control", SHORT_LIFE))
}

fn check_name(name: &str) -> Result<(), FieldError> {
    if is_file_name(name) {
        return Ok(());
    }
    Err(FieldError::new("file", "must be a name of 1 to 64 letters, digits, _ and -, and .txt"))
}

#[cfg(test)]
mod tests {
    use super::is_file_name;

    #[test]
    fn names_are_those_of_the_console() {
        let longest = format!("{}.txt", "a".repeat(64));
        for (name, holds) in [
            ("MP_verify_1aB2.txt", true),
            ("a.txt", true),
            (longest.as_str(), true),
            (&format!("a{longest}"), false),
            (".txt", false),
            ("a.html", false),
            ("a.b.txt", false),
            ("..%2fa.txt", false),
            ("a.txt/", false),
            ("茶.txt", false),
        ] {
            assert_eq!(is_file_name(name), holds, "{name}");
        }
    }
}
