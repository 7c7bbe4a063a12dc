//! From a configuration to a running server, and from a signal to its end.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

use crate::announce::{Banner, server_info};
use crate::config::{Config, LogFormat};
use crate::live::{self, Feed};
use crate::runtime::{Handle, Runtime};
use crate::transport::{self, BindError};
use crate::{limits, log};

/// Threads for page and API. SIP has threads of its own, one for each shard.
const WEB_THREADS: usize = 2;

/// Why a server did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The system refused what every program gets: a thread, a descriptor, random bytes.
    #[error("the system does not let the server start: {0}")]
    System(#[from] io::Error),
    /// A shard ended by itself.
    #[error(
        "a part of the server has ended by a fault of its own (see the log); restart it and report this"
    )]
    ShardEnded,
}

impl ServeError {
    /// The exit code for it, as in sysexits.h.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Bind(_) => 69,
            Self::System(_) | Self::ShardEnded => 70,
        }
    }
}

/// Runs a server until it is told to stop by SIGTERM or SIGINT.
pub fn run(config: Config) -> Result<(), ServeError> {
    log::start(&config.log);
    let open_files = transport::raise_open_files();
    if open_files < u64::from(config.limits.connections) {
        tracing::warn!(
            open_files,
            connections = config.limits.connections,
            "fewer open files are allowed than connections; raise the limit (ulimit -n, LimitNOFILE)"
        );
    }
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WEB_THREADS)
        .enable_all()
        .build()?
        .block_on(serve(Arc::new(config)))
}

async fn serve(config: Arc<Config>) -> Result<(), ServeError> {
    // Signals first: whoever asks us to stop while we start must be heard.
    let mut signals = Signals::new()?;
    let (sockets, bound) = transport::bind(&config, config.shard_count())?;
    let (mut runtime, events) = Runtime::start(Arc::clone(&config), sockets, bound)?;
    let handle = runtime.handle.clone();
    for bound in handle.bound() {
        tracing::info!(transport = bound.transport.uri_param(), addr = %bound.addr, "listening");
    }
    let info = server_info(&config, handle.bound(), config.web.listen);
    if config.log.format == LogFormat::Text {
        print!("{}", Banner(&info));
    }
    let clock = handle.clone();
    let feed = Arc::new(Feed::new(clock.now(), info));
    let told = tokio::spawn(live::run(feed, events, move || clock.now()));

    tokio::select! {
        () = signals.next() => {}
        () = runtime.shard_ended() => return Err(ServeError::ShardEnded),
    }
    tokio::select! {
        () = wind_down(&handle) => {}
        () = signals.next() => tracing::warn!(calls = handle.calls(), "stopped at once, by a second signal"),
    }
    runtime.stop().await;
    // The last events of the shards are still told. A panic there has been told by the panic hook.
    let _ = told.await;
    tracing::info!("stopped");
    Ok(())
}

/// Refuses new work, lets calls end, and releases those that do not.
async fn wind_down(handle: &Handle) {
    let patience = handle.config().calls.drain;
    handle.drain().await;
    tracing::info!(
        calls = handle.calls(),
        ?patience,
        "stopping: new work is refused, calls may end"
    );
    if timeout(patience, handle.no_calls()).await.is_err() {
        tracing::warn!(calls = handle.calls(), "calls are released");
        handle.hang_up_all().await;
        if timeout(limits::RELEASE_TIME, handle.no_calls())
            .await
            .is_err()
        {
            tracing::warn!(
                calls = handle.calls(),
                "phones did not answer the release of their calls"
            );
        }
    }
}

/// SIGTERM and SIGINT: both ask to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
