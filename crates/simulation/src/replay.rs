use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Plays a schedule in a world that keeps a trace, and has it told what happened, however that ends.
pub fn replay<W>(mut world: W, play: impl FnOnce(&mut W), tell: impl FnOnce(&W)) {
    let run = catch_unwind(AssertUnwindSafe(|| play(&mut world)));
    tell(&world);
    if let Err(panic) = run {
        resume_unwind(panic);
    }
}
