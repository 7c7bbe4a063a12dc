//! What people have to know of a running server: the page's address and what to type into a phone.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use app::model::{ServerInfo, SipAddress, Transport};

use crate::config::{AuthMode, Config};
use crate::transport::{Bound, Tls, reachable};

/// The facts, for page and banner.
pub(crate) fn server_info(config: &Config, bound: &[Bound], web: SocketAddr) -> ServerInfo {
    let advertised = config.sip.advertised.as_deref();
    let mut sip: Vec<SipAddress> = bound
        .iter()
        .flat_map(|bound| {
            let addresses = reachable(bound.addr);
            let hosts: Vec<String> = match advertised {
                Some(host) => vec![host.to_owned()],
                None => addresses.iter().map(|addr| host(addr.ip())).collect(),
            };
            let transport = transport(bound.transport);
            hosts.into_iter().map(move |host| SipAddress {
                transport,
                host,
                port: bound.addr.port(),
            })
        })
        .collect();
    sip.dedup();
    ServerInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        open_lab: config.auth.mode == AuthMode::OpenLab,
        sip,
        http: format!("http://{}", reachable(web).first().unwrap_or(&web)),
    }
}

/// Printed once, when everything listens.
pub(crate) struct Banner<'a>(pub(crate) &'a ServerInfo, pub(crate) Option<&'a Tls>);

impl fmt::Display for Banner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = self.0;
        writeln!(f, "\nCrosspoint {}\n", info.version)?;
        writeln!(f, "  Page     {}", info.http)?;
        if let Some(first) = info.sip.first() {
            let SipAddress { host, port, .. } = first;
            let login = if info.open_lab {
                "any user name, any password"
            } else {
                "user and password as set by `crosspoint user add`"
            };
            writeln!(
                f,
                "  Phones   registrar (domain, server) {host}:{port}, {login}"
            )?;
            writeln!(f, "           for example sip:alice@{host}:{port}")?;
        }
        write!(f, "  SIP     ")?;
        for address in &info.sip {
            write!(
                f,
                " {}:{}/{}",
                address.host,
                address.port,
                address.transport.label()
            )?;
        }
        writeln!(f)?;
        if let Some(tls) = self.1 {
            let by = if tls.is_self_signed() {
                "self-signed: phones have to be told to trust it"
            } else {
                "of `tls.cert`"
            };
            writeln!(f, "  TLS      certificate {by}")?;
            writeln!(f, "           SHA-256 {}", tls.fingerprint())?;
        }
        if info.open_lab {
            writeln!(
                f,
                "\n  OPEN LAB: any phone on a private network may register as anybody, with any password."
            )?;
            writeln!(f, "  Keep it off the Internet.")?;
        }
        Ok(())
    }
}

fn host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

fn transport(of: sip::name::Transport) -> Transport {
    match of {
        sip::name::Transport::Udp => Transport::Udp,
        sip::name::Transport::Tcp => Transport::Tcp,
        sip::name::Transport::Tls => Transport::Tls,
        sip::name::Transport::Ws => Transport::Ws,
        sip::name::Transport::Wss => Transport::Wss,
    }
}
