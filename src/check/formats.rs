//! Texts with a form of their own: addresses, cron expressions, moments, time zones, patterns.

use crate::diagnostics::{Diagnostic, did_you_mean, report};
use crate::model::Type;
use crate::source::Span;

/// Whether a constant text is one of a type that has a form.
pub(super) fn check(ty: &Type, text: &str, span: Span) -> Result<(), Box<Diagnostic>> {
    match ty {
        Type::Uri => uri(text, span),
        Type::Cron => cron(text, span),
        Type::Timestamp => timestamp(text, span),
        _ => Ok(()),
    }
}

fn uri(text: &str, span: Span) -> Result<(), Box<Diagnostic>> {
    let good = text.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
            && !rest.contains(char::is_whitespace)
    });
    if good {
        return Ok(());
    }
    let message = format!("`{text}` is no address");
    Err(Box::new(
        report::invalid_uri(span, message).help("an address has a scheme: `gs://bucket/folder`, `https://example.org`"),
    ))
}

fn cron(text: &str, span: Span) -> Result<(), Box<Diagnostic>> {
    let fields = text.split_whitespace().count();
    if fields != 5 && !text.starts_with('@') {
        return Err(Box::new(
            report::invalid_cron(span, format!("a cron expression has five fields, not {fields}"))
                .help("minute, hour, day of the month, month, day of the week: `0 2 * * *` is every night at two"),
        ));
    }
    let fault = match text.starts_with('@') {
        true => Some("write the five fields out instead of an abbreviation".to_owned()),
        false => text.parse::<croner::Cron>().err().map(|error| error.to_string()),
    };
    match fault {
        None => Ok(()),
        Some(fault) => Err(Box::new(
            report::invalid_cron(span, format!("`{text}` is no cron expression"))
                .note(fault)
                .help("minute (0-59), hour (0-23), day of the month (1-31), month (1-12), day of the week (0-7)"),
        )),
    }
}

fn timestamp(text: &str, span: Span) -> Result<(), Box<Diagnostic>> {
    let pattern = regex::Regex::new(
        r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-][0-2]\d:[0-5]\d)$",
    );
    // The calendar knows which days there are, and of the years those that every reader has.
    let years = 1..=9999;
    let is_moment = |moment: chrono::DateTime<chrono::Utc>| years.contains(&chrono::Datelike::year(&moment));
    if pattern.is_ok_and(|pattern| pattern.is_match(text)) && text.parse().is_ok_and(is_moment) {
        return Ok(());
    }
    Err(Box::new(
        report::invalid_timestamp(span, format!("`{text}` is no moment"))
            .help("write it as RFC 3339 does: `2026-01-31T02:00:00Z`"),
    ))
}

/// Whether a text names a time zone of the IANA database.
pub(super) fn timezone(text: &str, span: Span) -> Result<(), Box<Diagnostic>> {
    if text.parse::<chrono_tz::Tz>().is_ok() {
        return Ok(());
    }
    let message = format!("there is no time zone `{text}`");
    let mut diagnostic = report::invalid_timezone(span, message);
    let zones = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    diagnostic = match did_you_mean(text, zones) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("zones are named as in the IANA database: `UTC`, `Europe/Berlin`"),
    };
    Err(Box::new(diagnostic))
}

/// The pattern that `matches` holds a whole text against.
pub(super) fn whole_match(pattern: &str) -> Result<regex::Regex, String> {
    regex::RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
        .size_limit(1 << 20)
        .build()
        .map_err(|error| error.to_string().lines().last().unwrap_or_default().to_owned())
}
