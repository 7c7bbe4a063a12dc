//! From a configuration to a running server, and from a signal to its end.

#![expect(
    clippy::disallowed_methods,
    reason = "board and web host are tasks of the process"
)]

use std::io;
use std::sync::Arc;

use leptos::config::errors::LeptosConfigError;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::announce::{Banner, server_info};
use crate::config::{Config, ConfigErrors, LogFormat};
use crate::dar::{self, DarError};
use crate::event::{Event, What};
use crate::live::{self, Feed};
use crate::recall::{Recalled, recall};
use crate::runtime::{self, Handle, Runtime};
use crate::store::{self, Running, StoreError};
use crate::transport::{self, BindError, Tls, TlsError};
use crate::web::{self, Connections, Web};
use crate::{limits, log};

/// Threads for page and API. SIP has threads of its own, one for each shard.
const WEB_THREADS: usize = 2;

/// Why a server did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// What is kept cannot be read, or nothing be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system refused what every program gets: a thread, a descriptor, random bytes.
    #[error("the system does not let the server start: {0}")]
    System(#[from] io::Error),
    /// The file of the application router is wrong.
    #[error("application router: {0}")]
    Dar(#[from] DarError),
    /// Leptos' section of the file is wrong.
    #[error("[[workspace.metadata.leptos]] of the configuration file: {0}")]
    Site(#[from] LeptosConfigError),
    /// A shard ended by itself.
    #[error(
        "a part of the server has ended by a fault of its own (see the log); restart it and report this"
    )]
    ShardEnded,
    /// The board, which takes what the shards tell, ended by itself: they would wait for it for ever.
    #[error("the board has ended by a fault of its own (see the log); restart it and report this")]
    BoardEnded,
    /// The web host ended by itself.
    #[error(
        "the web host has ended by a fault of its own (see the log); restart it and report this"
    )]
    PagesEnded,
}

impl ServeError {
    /// The exit code for it, as in sysexits.h.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Site(_) | Self::Tls(_) | Self::Dar(_) => ConfigErrors::EXIT_CODE,
            Self::Bind(_) => 69,
            Self::Store(_) => StoreError::EXIT_CODE,
            Self::System(_) | Self::ShardEnded | Self::BoardEnded | Self::PagesEnded => 70,
        }
    }
}

/// Runs a server until it is told to stop by SIGTERM or SIGINT.
pub fn run(config: Config) -> Result<(), ServeError> {
    log::start(&config.log);
    let open_files = transport::raise_open_files();
    let http = u64::from(config.limits.http_connections) + limits::PAGES as u64;
    let connections = u64::from(config.limits.connections) + http;
    if open_files < connections {
        tracing::warn!(
            open_files,
            connections,
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
    let hangup = signal(SignalKind::hangup())?;
    let options = web::options(&config)?;
    let router = Arc::new(dar::load(&config.router)?.signing(&runtime::random()?));
    let pages = TcpListener::from_std(transport::bind_web(&config)?)?;
    let keep = match config.store.ephemeral {
        true => None,
        false => {
            let dir = store::data_dir(&config.store, |name| std::env::var_os(name))?;
            store::prepare(&dir)?;
            Some(dir)
        }
    };
    let tls = Tls::load(&config, keep.as_deref())?;
    let (sockets, bound) = transport::bind(&config, config.shard_count(), tls.as_ref())?;
    let Recalled {
        location,
        store,
        phones,
        users: known,
        kept,
    } = recall(&config, &bound)?;
    let (mut runtime, events) = Runtime::resume(
        Arc::clone(&config),
        router,
        sockets,
        bound,
        Arc::clone(&location),
        kept,
    )?;
    let handle = runtime.handle.clone();
    let clock = handle.clone();
    let window = config.store.commit_window;
    let auth = Arc::clone(handle.auth());
    auth.users().replace_all(known);
    if !auth.is_open() && auth.users().is_empty() {
        tracing::warn!(
            "nobody can log in: there are no users; add one with `crosspoint user add NAME`"
        );
    }
    if auth.is_open() && config.peers.iter().any(|peer| peer.login.is_some()) {
        tracing::warn!(
            "anybody in a private network may call at the cost of your peers: set `auth.mode` to \"digest\""
        );
    }
    let store = store
        .map(|store| store.start(location, auth, window, move || clock.now()))
        .transpose()?;

    let addr = pages.local_addr()?;
    for bound in handle.bound() {
        tracing::info!(transport = %bound.word(), addr = %bound.addr, "listening");
    }
    tracing::info!(transport = %"http", %addr, "listening");
    let info = server_info(&config, handle.bound(), addr);
    if config.log.format == LogFormat::Text {
        print!("{}", Banner(&info, tls.as_deref()));
    }

    if let Some(tls) = &tls {
        tracing::info!(fingerprint = %tls.fingerprint(), self_signed = tls.is_self_signed(), "certificate in use");
    }
    tokio::spawn(transport::watch(tls, hangup));

    let clock = handle.clone();
    let feed = Arc::new(Feed::new(clock.now(), info));
    for change in phones {
        feed.publish(&Event {
            at: clock.now(),
            what: What::Phone(change),
        });
    }
    let mut board = tokio::spawn(live::run(Arc::clone(&feed), events, move || clock.now()));
    let (stop, stopping) = watch::channel(false);
    let host = Web {
        handle: handle.clone(),
        feed,
        options,
        connections: Connections::new(&config.limits),
        store: store.as_ref().map(Running::health),
        names: config.web.names.as_slice().into(),
        stopping: stopping.clone(),
    };
    let mut web = tokio::spawn(web::serve(pages, host, told(stopping)));

    tokio::select! {
        () = signals.next() => {}
        () = runtime.shard_ended() => return Err(ServeError::ShardEnded),
        ended = &mut board => {
            tracing::error!(?ended, "the board ended");
            return Err(ServeError::BoardEnded);
        }
        ended = &mut web => {
            tracing::error!(?ended, "the web host ended");
            return Err(ServeError::PagesEnded);
        }
    }
    tokio::select! {
        () = wind_down(&handle) => {}
        () = signals.next() => tracing::warn!(calls = handle.calls(), "stopped at once, by a second signal"),
    }
    runtime.stop().await;
    // The last events of the shards are still told, then the pages hear that this is the end. A panic in either has
    // been told by the panic hook.
    let _ = board.await;
    let _ = stop.send(true);
    let _ = timeout(limits::FAREWELL_TIME, web).await;
    drop(store);
    tracing::info!("stopped");
    Ok(())
}

/// Until the server stops.
async fn told(mut stopping: watch::Receiver<bool>) {
    // Whoever would say so is gone if this fails.
    let _ = stopping.wait_for(|stopping| *stopping).await;
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
                "calls go on without this server: those of phones among themselves, and of phones that did not answer"
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
