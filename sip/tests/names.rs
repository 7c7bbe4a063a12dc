//! URIs, AORs and identifiers, as tables (RFC 3261 sections 19.1 and 10.3, RFC 3966).

use std::collections::HashSet;

use sip::limits::{MAX_AOR, MAX_URI, MAX_URI_PARTS};
use sip::name::ids::MAGIC_COOKIE;
use sip::name::{Aor, AorError, Host, Ids, Owners, Scheme, Uri, UriError, UriRef};

fn uri(text: &str) -> UriRef<'_> {
    UriRef::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"))
}

#[test]
fn a_uri_is_taken_apart() {
    let full = uri(
        "sip:alice:secret@atlanta.example.com:5070;transport=tcp;lr?subject=project%20x&priority=urgent",
    );
    assert_eq!(full.scheme(), Scheme::Sip);
    assert_eq!(full.user(), Some("alice"));
    assert_eq!(full.password(), Some("secret"));
    assert_eq!(full.host(), Host::Name("ATLANTA.example.com"));
    assert_eq!(full.port(), Some(5070));
    assert_eq!(full.param("Transport"), Some(Some("tcp")));
    assert_eq!(full.param("lr"), Some(None));
    assert!(full.is_loose());
    assert_eq!(full.param("maddr"), None);
    let headers: Vec<_> = full.headers().collect();
    assert_eq!(
        headers,
        [("subject", "project%20x"), ("priority", "urgent")]
    );
    assert_eq!(full.params().count(), 2);
}

#[test]
fn headers_are_no_part_of_a_request_uri() {
    for (full, without) in [
        (
            "sip:a?b@example.com;lr?Route=%3Csip:x%3E",
            "sip:a?b@example.com;lr",
        ),
        ("sip:example.com?", "sip:example.com"),
        ("sip:a@example.com", "sip:a@example.com"),
        ("tel:+1?x=y", "tel:+1?x=y"),
    ] {
        assert_eq!(uri(full).without_headers(), without);
    }
}

#[test]
fn the_user_part_may_hold_what_separates_elsewhere() {
    let odd = uri("sip:user;par=u%40example.net?x/y@example.com;lr");
    assert_eq!(odd.user(), Some("user;par=u%40example.net?x/y"));
    assert_eq!(odd.host(), Host::Name("example.com"));
    assert!(odd.is_loose());
    assert_eq!(uri("sip:john.doe@example.com").user(), Some("john.doe"));
    assert_eq!(uri("sip:example.com").user(), None);
    assert_eq!(uri("sip:@example.com").user(), Some(""));
}

#[test]
fn hosts_are_names_or_addresses() {
    let cases = [
        ("sip:b@[2001:db8::1]", Some("[2001:db8::1]:5060")),
        (
            "sip:b@[2001:db8:::192.0.2.1]",
            Some("[2001:db8::c000:201]:5060"),
        ),
        ("sip:b@[:::192.0.2.1]:1", Some("[::c000:201]:1")),
        ("sip:b@[2001:DB8::1]:5070;lr", Some("[2001:db8::1]:5070")),
        ("sips:b@192.0.2.7", Some("192.0.2.7:5061")),
        ("sip:b@192.0.2.7;transport=TLS", Some("192.0.2.7:5061")),
        ("sip:192.0.2.7:5080?a=b", Some("192.0.2.7:5080")),
        (
            "sip:b@example.com;maddr=239.255.255.1",
            Some("239.255.255.1:5060"),
        ),
        ("sip:b@example.com", None),
        ("sip:b@1.example.com", None),
        ("tel:+1-201-555-0123", None),
    ];
    for (text, expected) in cases {
        let address = uri(text).socket_addr().map(|address| address.to_string());
        assert_eq!(address.as_deref(), expected, "{text}");
    }
    assert_eq!(
        uri("sip:b@[2001:db8::1]").host().to_string(),
        "[2001:db8::1]"
    );
}

#[test]
fn what_is_no_uri_is_refused_with_the_reason() {
    let cases = [
        ("", UriError::NoScheme),
        ("alice", UriError::NoScheme),
        (":x", UriError::NoScheme),
        ("1sip:x", UriError::NoScheme),
        ("sip:", UriError::BadHost),
        ("sip:alice@", UriError::BadHost),
        ("sip:alice@exa mple.com", UriError::BadCharacter),
        ("sip:alice@example.com\r\nX: y", UriError::BadCharacter),
        ("sip:\"><img src=x>@x", UriError::BadCharacter),
        ("sip:alice@[2001:db8::1", UriError::BadHost),
        ("sip:alice@[fe80::1%25eth0]", UriError::BadHost),
        // Three colons only where the grammar of RFC 3261 makes them: before an IPv4 address.
        ("sip:alice@[2001:db8:::1]", UriError::BadHost),
        ("sip:alice@[2001::db8:::192.0.2.1]", UriError::BadHost),
        ("sip:alice@[2001:db8::::192.0.2.1]", UriError::BadHost),
        ("sip:alice@[::1]x", UriError::BadHost),
        ("sip:alice@bob@example.com", UriError::BadHost),
        ("sip:alice@example.com:", UriError::BadPort),
        ("sip:alice@example.com:65536", UriError::BadPort),
        ("sip:alice@example.com:5060x", UriError::BadPort),
        (
            "sip:alice@example.com:99999999999999999999",
            UriError::BadPort,
        ),
        ("sip:alice@2001:db8::1", UriError::BadPort),
    ];
    for (text, why) in cases {
        assert_eq!(UriRef::parse(text).err(), Some(why), "{text:?}");
    }
}

#[test]
fn a_uri_may_be_just_so_long_and_have_so_many_parts() {
    let long = |length: usize| format!("sip:{}", "a".repeat(length - "sip:".len()));
    assert!(UriRef::parse(&long(MAX_URI)).is_ok());
    assert_eq!(
        UriRef::parse(&long(MAX_URI + 1)).err(),
        Some(UriError::TooLong)
    );
    for (scheme, separator) in [("sip:a@b", ";"), ("sip:a@b?h", "&"), ("tel:1", ";")] {
        let first = usize::from(separator == "&");
        let parts =
            |count: usize| format!("{scheme}{}", format!("{separator}x").repeat(count - first));
        assert!(UriRef::parse(&parts(MAX_URI_PARTS)).is_ok(), "{scheme}");
        let more = parts(MAX_URI_PARTS + 1);
        assert_eq!(
            UriRef::parse(&more).err(),
            Some(UriError::TooManyParts),
            "{scheme}"
        );
    }
}

#[test]
fn a_name_written_twice_matches_either() {
    let twice = uri("sip:b@c;x=1;x=2?h=1&h=2");
    assert!(twice.equivalent(&twice));
    assert!(twice.equivalent(&uri("sip:b@c;x=2;x=1?h=2&h=1")));
    assert!(!twice.equivalent(&uri("sip:b@c;x=3?h=1&h=2")));
}

#[test]
fn other_schemes_are_kept_as_they_are() {
    let tel = uri("TEL:+1-201-555-0123;phone-context=example.com");
    assert_eq!(tel.scheme(), Scheme::Tel);
    assert_eq!(tel.user(), Some("+1-201-555-0123"));
    assert_eq!(tel.param("phone-context"), Some(Some("example.com")));
    let beep = uri("soap.beep://192.0.2.103:3002");
    assert_eq!(beep.scheme(), Scheme::Other("soap.beep"));
    assert_eq!(beep.as_str(), "soap.beep://192.0.2.103:3002");
    assert_eq!(beep.user(), None);
}

#[test]
fn an_owned_uri_is_the_same_as_its_text() {
    let text = "sip:alice@[::1]:5070;transport=tcp";
    let owned = Uri::parse(text).unwrap();
    assert_eq!(owned.to_string(), text);
    assert_eq!(owned.as_ref().user(), Some("alice"));
    assert_eq!(owned.as_ref().port(), Some(5070));
    assert_eq!(owned, owned.as_ref().to_uri());
    assert_ne!(
        owned,
        Uri::parse("sip:ALICE@[::1]:5070;transport=tcp").unwrap()
    );
}

#[test]
fn equivalence_follows_section_19_1_4() {
    let same = [
        (
            "sip:%61lice@atlanta.example.com;transport=TCP",
            "sip:alice@AtLanTa.Example.CoM;Transport=tcp",
        ),
        (
            "sip:carol@chicago.example.com",
            "sip:carol@chicago.example.com;newparam=5",
        ),
        (
            "sip:carol@chicago.example.com;security=on",
            "sip:carol@chicago.example.com;newparam=5",
        ),
        (
            "sip:biloxi.example.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.example.com",
            "sip:biloxi.example.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.example.com",
        ),
        (
            "sip:alice@atlanta.example.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.example.com?priority=urgent&subject=project%20x",
        ),
        (
            "sip:alice@example.com;%6C%72;%75ser=ph%6Fne",
            "sip:alice@example.com;LR;user=phone",
        ),
        ("SIP:alice@[2001:db8:0::1]", "sip:alice@[2001:DB8::1]"),
        ("tel:+1-201-555-0123", "tel:+12015550123"),
        (
            "tel:123;a=1;phone-context=+1",
            "tel:123;Phone-Context=+1;a=1",
        ),
        ("HTTP://example.com/a", "http://example.com/a"),
    ];
    let different = [
        (
            "SIP:ALICE@AtLanTa.Example.CoM",
            "sip:alice@atlanta.example.com",
        ),
        (
            "sip:bob@biloxi.example.com",
            "sip:bob@biloxi.example.com:5060",
        ),
        (
            "sip:bob@biloxi.example.com;transport=udp",
            "sip:bob@biloxi.example.com;transport=tcp",
        ),
        (
            "sip:bob@biloxi.example.com",
            "sip:bob@biloxi.example.com:6000;transport=tcp",
        ),
        (
            "sip:carol@chicago.example.com",
            "sip:carol@chicago.example.com?Subject=next%20meeting",
        ),
        ("sip:bob@phone21.example.com", "sip:bob@192.0.2.4"),
        ("sip:bob@example.com;user=phone", "sip:bob@example.com"),
        ("sip:bob@example.com;maddr=192.0.2.1", "sip:bob@example.com"),
        ("sip:bob@example.com;method=INVITE", "sip:bob@example.com"),
        ("sip:bob@example.com;ttl=1", "sip:bob@example.com"),
        ("sip:bob@example.com;%74tl=1", "sip:bob@example.com"),
        ("sip:bob:a@example.com", "sip:bob@example.com"),
        ("sip:bob@example.com", "sips:bob@example.com"),
        ("sip:a%3Bb@example.com", "sip:a;b@example.com"),
        ("tel:123", "tel:123;phone-context=+1"),
        ("http://example.com/a", "http://example.com/A"),
    ];
    for (a, b) in same {
        assert!(
            uri(a).equivalent(&uri(b)) && uri(b).equivalent(&uri(a)),
            "{a} = {b}"
        );
    }
    for (a, b) in different {
        assert!(
            !uri(a).equivalent(&uri(b)) && !uri(b).equivalent(&uri(a)),
            "{a} != {b}"
        );
    }
}

#[test]
fn an_aor_has_one_form() {
    let cases = [
        ("sip:alice@example.com", "sip:alice@example.com"),
        (
            "SIP:alice@EXAMPLE.com:5080;transport=udp?x=y",
            "sip:alice@example.com",
        ),
        ("sips:alice:pw@example.com", "sip:alice@example.com"),
        ("sip:%61lice@example.com", "sip:alice@example.com"),
        ("sip:al%69ce%2b%40@example.com", "sip:alice+%40@example.com"),
        ("sip:jürgen@example.com", "sip:j%C3%BCrgen@example.com"),
        ("sip:j%c3%bcrgen@example.com", "sip:j%C3%BCrgen@example.com"),
        (
            "sip:%3cscript%3e@example.com",
            "sip:%3Cscript%3E@example.com",
        ),
        ("sip:bob@[2001:DB8:0:0::1]", "sip:bob@[2001:db8::1]"),
        ("sip:bob@192.0.2.1", "sip:bob@192.0.2.1"),
    ];
    for (text, canonical) in cases {
        let aor = Aor::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(aor.as_str(), canonical);
        assert_eq!(
            Aor::parse(canonical).unwrap(),
            aor,
            "canonical is its own canonical form"
        );
    }
    let aor = Aor::parse("sips:bob@[::1]:5061").unwrap();
    assert_eq!((aor.user(), aor.host()), ("bob", "[::1]"));
    assert_ne!(
        Aor::parse("sip:Bob@x").unwrap(),
        Aor::parse("sip:bob@x").unwrap()
    );
}

#[test]
fn what_names_nobody_is_no_aor() {
    let cases = [
        ("tel:+12015550123", AorError::NotSip),
        ("sip:example.com", AorError::NoUser),
        ("sip:@example.com", AorError::NoUser),
        ("sip:a%4@example.com", AorError::BadEscape),
        ("sip:a%@example.com", AorError::BadEscape),
        ("nonsense", AorError::NotUri(UriError::NoScheme)),
    ];
    for (text, why) in cases {
        assert_eq!(Aor::parse(text).err(), Some(why), "{text}");
    }
}

#[test]
fn an_aor_may_be_just_so_long() {
    let aor = |length: usize| format!("sip:{}@h", "a".repeat(length - "sip:@h".len()));
    assert!(Aor::parse(&aor(MAX_AOR)).is_ok());
    assert_eq!(Aor::parse(&aor(MAX_AOR + 1)).err(), Some(AorError::TooLong));
    // What an escape makes longer counts.
    let escaped = format!("sip:{}@h", "é".repeat(MAX_AOR / 6));
    assert_eq!(Aor::parse(&escaped).err(), Some(AorError::TooLong));
}

#[test]
fn identifiers_differ_and_repeat_with_their_seed() {
    let mut ids = Ids::new([7; 32], 3);
    let mut again = Ids::new([7; 32], 3);
    let mut seen = HashSet::new();
    for _ in 0..1_000 {
        let (tag, branch, call_id) = (ids.tag(), ids.branch(), ids.call_id());
        assert_eq!(
            (tag.clone(), branch.clone(), call_id.clone()),
            (again.tag(), again.branch(), again.call_id())
        );
        assert!(branch.as_str().starts_with(MAGIC_COOKIE));
        assert_eq!((tag.as_str().len(), branch.as_str().len()), (16, 23));
        for text in [tag.as_str(), branch.as_str(), call_id.as_str()] {
            assert!(seen.insert(text.to_owned()), "{text} twice");
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.'));
        }
        assert_eq!(owners(8).of(call_id.as_str()), 3);
    }
    assert_ne!(Ids::new([8; 32], 3).tag(), Ids::new([7; 32], 3).tag());
}

#[test]
fn every_character_of_a_tag_is_random() {
    let mut ids = Ids::new([1; 32], 0);
    let tags: Vec<String> = (0..2_000).map(|_| ids.tag().to_string()).collect();
    for place in 0..16 {
        let letters: HashSet<_> = tags
            .iter()
            .filter_map(|tag| tag.as_bytes().get(place))
            .collect();
        assert_eq!(letters.len(), 32, "place {place}");
    }
}

fn owners(shards: u8) -> Owners {
    Owners::new(shards, [7; 16])
}

#[test]
fn a_call_id_has_one_owner() {
    for shard in 0..=u8::MAX {
        let id = Ids::new([shard; 32], shard).call_id();
        if shard < 255 {
            assert_eq!(owners(255).of(id.as_str()), shard);
        }
        assert_eq!(
            owners(4).of(id.as_str()),
            shard % 4,
            "also after a restart with fewer shards"
        );
    }
    let mut counts = [0_u32; 4];
    for n in 0..4_000 {
        let id = format!("{n:x}-foreign@192.0.2.1");
        let owner = owners(4).of(&id);
        assert_eq!(owner, owners(4).of(&id));
        counts[usize::from(owner)] += 1;
    }
    assert!(
        counts.iter().all(|&count| (800..1_200).contains(&count)),
        "{counts:?}"
    );
    assert_eq!(owners(0).of("x"), 0);
    for odd in ["", ".xp", ".xpzz", ".xp+1", "a.xp00b", "é.xpé", "é.xp0"] {
        assert!(owners(3).of(odd) < 3, "{odd}");
    }
}

#[test]
fn the_owner_of_a_foreign_call_id_cannot_be_foreseen_without_the_key() {
    let (one, other) = (Owners::new(4, [1; 16]), Owners::new(4, [2; 16]));
    // All that a peer has found to fall to one shard of one process...
    let aimed: Vec<String> = (0..4_000)
        .map(|n| format!("{n:x}@192.0.2.1"))
        .filter(|id| one.of(id) == 0)
        .collect();
    // ... is spread over the shards of the next.
    let mut counts = [0_usize; 4];
    for id in &aimed {
        counts[usize::from(other.of(id))] += 1;
    }
    let fair = aimed.len() / 4;
    assert!(
        counts.iter().all(|count| count.abs_diff(fair) < fair / 3),
        "{counts:?}"
    );
}
