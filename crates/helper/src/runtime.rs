//! What the standard library does elsewhere: memory, and the end after a panic.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32;
use core::cell::Cell;
use core::ptr;

#[global_allocator]
static MEMORY: CallMemory =
    CallMemory { start: Cell::new(0), top: Cell::new(0), end: Cell::new(0), pieces: Cell::new(0) };

/// The memory of one call. Pieces are taken one after the other, and all are given back when the last of them is,
/// which is so at the end of each call. A general allocator costs more bytes and several times as long.
struct CallMemory {
    start: Cell<usize>,
    top: Cell<usize>,
    end: Cell<usize>,
    /// How many pieces are in use.
    pieces: Cell<usize>,
}

impl CallMemory {
    /// Makes the end reach this address at least.
    fn grow(&self, address: usize) -> bool {
        let pages = address.wrapping_sub(self.end.get()).div_ceil(PAGE);
        let grown = wasm32::memory_grow(0, pages) != usize::MAX;
        if grown {
            self.end.set(wasm32::memory_size(0).wrapping_mul(PAGE));
        }
        grown
    }
}

const PAGE: usize = 65_536;

// SAFETY: there is one thread, since the target has no others.
#[expect(unsafe_code)]
unsafe impl Sync for CallMemory {}

// SAFETY: pieces lie between `start` and `end`, in memory that nobody else has asked for. Each begins at or above `top`,
// which moves behind it, so no two overlap; `top` goes back only when no piece is in use.
#[expect(unsafe_code)]
unsafe impl GlobalAlloc for CallMemory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.end.get() == 0 {
            let end = wasm32::memory_size(0).wrapping_mul(PAGE);
            self.start.set(end);
            self.top.set(end);
            self.end.set(end);
        }
        let mask = layout.align().wrapping_sub(1);
        let piece = self.top.get().wrapping_add(mask) & !mask;
        let Some(top) = piece.checked_add(layout.size()) else { return ptr::null_mut() };
        if top > self.end.get() && !self.grow(top) {
            return ptr::null_mut();
        }
        self.top.set(top);
        self.pieces.set(self.pieces.get().wrapping_add(1));
        ptr::with_exposed_provenance_mut(piece)
    }

    /// A piece that shrinks stays where it is, since an answer does so at the end of each call.
    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size <= layout.size() {
            return piece;
        }
        // SAFETY: the caller gives a size that a layout of this alignment may have.
        let grown = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: both pieces are at least as long as the old one, and they do not overlap.
        unsafe {
            let copy = self.alloc(grown);
            if !copy.is_null() {
                ptr::copy_nonoverlapping(piece, copy, layout.size());
                self.dealloc(piece, layout);
            }
            copy
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {
        self.pieces.set(self.pieces.get().wrapping_sub(1));
        if self.pieces.get() == 0 {
            self.top.set(self.start.get());
        }
    }
}

/// No input leads here. Should it happen all the same, the trap becomes an exception in JS.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    wasm32::unreachable()
}
