//! The library asserts some of what a file says of itself, so damage may be a panic: here that is one more way to be unreadable.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread is caught, and so not told on standard error.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What the work gives, or what it panicked with.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                loud(panic);
            }
        }));
    });
    QUIET.set(true);
    // What the work leaves half done is not looked at again.
    let done = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    done.map_err(said)
}

fn said(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
