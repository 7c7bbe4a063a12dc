//! TLS 1.2 and 1.3 for SIP (RFC 3261 section 26.2): the certificate that we show, and the ones that we ask for.
//!
//! ```text
//! identity   our certificate and key: from files, or made by us
//! kept       the one made by us, from the first start on
//! trust      the authorities of those who connect, and of those we connect to
//! watch      both again when the files change, or on SIGHUP
//! ```
//!
//! A handshake takes what is in force when it begins, so connections that stand hear nothing of a change. Knows no
//! sockets.

mod identity;
mod kept;
#[cfg(test)]
mod tests;
mod trust;
mod watch;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use ring::digest::{SHA256, digest};
use rustls::crypto::{CryptoProvider, ring as crypto};
use rustls::pki_types::{CertificateDer, UnixTime, pem};
use rustls::{ClientConfig, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::config::{self, Config};
use identity::Identity;
pub(crate) use watch::watch;

/// What a TLS connection needs to begin, changed as a whole.
pub struct Tls {
    files: config::Tls,
    /// The certificate of our own making, where no file names one; it stays the same at least as long as the process lives.
    own: Option<Identity>,
    in_force: RwLock<InForce>,
}

#[derive(Clone)]
struct InForce {
    server: Arc<ServerConfig>,
    client: Option<Arc<ClientConfig>>,
    fingerprint: Fingerprint,
}

/// SHA-256 over a certificate, as people compare it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or holds something else.
    #[error("`{key}`: {}: {cause}; name a file in PEM that the server may read", path.display())]
    File {
        /// The setting that names it.
        key: &'static str,
        /// As it is set.
        path: PathBuf,
        /// What is wrong with it.
        cause: pem::Error,
    },
    /// Certificate and key cannot be used.
    #[error("`tls.cert` and `tls.key` do not go together, or are of a kind that is not known: {0}")]
    Unusable(rustls::Error),
    /// A certificate among the authorities cannot be used.
    #[error("`{key}` holds what is no certificate of an authority: {cause}")]
    Authority {
        /// The setting that names the file.
        key: &'static str,
        /// What is wrong with it.
        cause: Box<str>,
    },
    /// A certificate of our own making cannot be kept.
    #[error("cannot keep a certificate in {}: {cause}; name another data directory, or set `tls.cert` and `tls.key`", path.display())]
    Keep {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// No certificate could be made.
    #[error("no certificate could be made: {0}; name one with `tls.cert` and `tls.key`")]
    SelfSigned(#[from] rcgen::Error),
}

impl Tls {
    /// What the settings ask for; `None` where nothing needs TLS. A certificate of our own making is kept in the
    /// directory `keep`, or else as long as the process lives.
    pub fn load(config: &Config, keep: Option<&Path>) -> Result<Option<Arc<Self>>, TlsError> {
        let sip = &config.sip;
        if sip.tls.is_empty() && sip.wss.is_empty() && config.tls.peer_ca.is_none() {
            return Ok(None);
        }
        let files = config.tls.clone();
        let own = match files.cert {
            Some(_) => None,
            None => {
                let names = identity::names(config);
                Some(match keep {
                    Some(dir) => kept::identity(dir, UnixTime::now(), names)?,
                    None => Identity::self_signed(names)?,
                })
            }
        };
        let in_force = RwLock::new(InForce::read(&files, own.as_ref())?);
        Ok(Some(Arc::new(Self {
            files,
            own,
            in_force,
        })))
    }

    /// Reads the files again. What was in force stays so if anything is wrong with them.
    pub fn reload(&self) -> Result<(), TlsError> {
        let new = InForce::read(&self.files, self.own.as_ref())?;
        *self
            .in_force
            .write()
            .unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Of the certificate that is shown.
    pub fn fingerprint(&self) -> Fingerprint {
        self.in_force().fingerprint
    }

    /// Whether the certificate is of our own making.
    pub const fn is_self_signed(&self) -> bool {
        self.own.is_some()
    }

    /// For those who connect.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.in_force().server.into()
    }

    /// For those we connect to; `None` where no authority is named that could vouch for them.
    pub(crate) fn connector(&self) -> Option<TlsConnector> {
        self.in_force().client.map(TlsConnector::from)
    }

    fn in_force(&self) -> InForce {
        // Nothing panics while it is held.
        self.in_force
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl InForce {
    fn read(files: &config::Tls, own: Option<&Identity>) -> Result<Self, TlsError> {
        let Identity { chain, key } = match (own, &files.cert, &files.key) {
            (None, Some(cert), Some(key)) => Identity::read(cert, key)?,
            (Some(own), _, _) => own.clone(),
            // The configuration has refused one without the other.
            (None, _, _) => Identity::self_signed(Vec::new())?,
        };
        let fingerprint = chain.first().map_or(Fingerprint([0; 32]), Fingerprint::of);
        let client = match &files.peer_ca {
            Some(path) => Some(trust::client(path, chain.clone(), key.clone_key())?),
            None => None,
        };
        Ok(Self {
            server: trust::server(files.client_ca.as_deref(), chain, key)?,
            client,
            fingerprint,
        })
    }
}

impl Fingerprint {
    fn of(certificate: &CertificateDer<'_>) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, certificate).as_ref());
        Self(bytes)
    }
}

/// As openssl and browsers write it.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, byte) in self.0.iter().enumerate() {
            let colon = if nth > 0 { ":" } else { "" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(crypto::default_provider())
}
