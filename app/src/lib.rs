//! Words and views that the server and the browser share.

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!(
    "`ssr` and `hydrate` are two different programs: build `frontend` alone, for wasm32"
);

pub mod model;
#[cfg(feature = "ssr")]
pub mod ports;
pub mod state;
