//! The allocator and the panic handler of a module.
//!
//! An instance lives for one message and its memory is bounded, so nothing is ever given back,
//! except that what was allocated last may grow and shrink in place.

#![allow(unsafe_code, reason = "allocators are unsafe by nature")]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32;
use core::cell::Cell;

const PAGE: usize = 64 * 1024;

unsafe extern "C" {
    /// Where the linker's data ends.
    static __heap_base: u8;
}

struct Bump {
    /// Where the next allocation begins; 0 before the first.
    next: Cell<usize>,
}

// SAFETY: a module has one thread.
unsafe impl Sync for Bump {}

#[global_allocator]
static HEAP: Bump = Bump { next: Cell::new(0) };

impl Bump {
    fn start(&self) -> usize {
        match self.next.get() {
            0 => (&raw const __heap_base) as usize,
            next => next,
        }
    }

    /// Makes the heap have `size` bytes from `begin` on. Gives up when there is no memory for
    /// them: `alloc` would format a text about it.
    fn extend(&self, begin: usize, size: usize) -> *mut u8 {
        let Some(end) = begin.checked_add(size) else {
            crate::abort("out of memory");
        };
        let have = wasm32::memory_size(0) * PAGE;
        if end > have && wasm32::memory_grow(0, (end - have).div_ceil(PAGE)) == usize::MAX {
            crate::abort("out of memory");
        }
        self.next.set(end);
        // SAFETY: the stack lies below the heap, so this is never null; the compiler drops what
        // would follow if it were.
        unsafe { core::hint::assert_unchecked(begin != 0) };
        begin as *mut u8
    }

    fn is_last(&self, place: *mut u8, size: usize) -> bool {
        place as usize + size == self.next.get()
    }
}

// SAFETY: every allocation begins where no other one ends later, at its alignment, inside of the
// memory; only the last one is ever given back or grows.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mask = layout.align() - 1;
        let begin = (self.start() + mask) & !mask;
        self.extend(begin, layout.size())
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if self.is_last(place, layout.size()) {
            self.next.set(place as usize);
        }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if self.is_last(place, layout.size()) {
            return self.extend(place as usize, size);
        }
        let least = layout.size().min(size);
        // SAFETY: the layout is the caller's with another size, which `realloc` demands to be a
        // good one; both places are live, do not overlap, and have `least` bytes.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            core::ptr::copy_nonoverlapping(place, new, least);
            new
        }
    }
}

/// A panic gives up like an abort. Only fixed texts are shown: to format one would cost every
/// module ten kilobytes.
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    crate::host::abort(info.message().as_str().unwrap_or("panic"))
}
