//! The number of calls is bounded, whatever shards they fall to.

use std::sync::Arc;

use server::config::Config;
use server::event::CallRef;
use server::switch::PlaceError;
use testkit::net::{Handle, VirtualNet};
use testkit::phone::Phone;

use crate::scene::s;
use crate::support::{House, SERVER, addr, with_shards};

const LIMIT: u32 = 5;
const PHONES: u8 = 2 * 8;

#[test]
fn all_shards_together_have_so_many_calls() {
    with_shards(|shards| {
        let mut config = Config::default();
        config.limits.calls = LIMIT;
        let mut net = VirtualNet::new(1);
        let house = House::new(shards, Arc::new(config));
        let house = net.add("server", &[SERVER], house);
        for number in 0..PHONES {
            let address = addr(&format!("10.0.1.{number}:5060"));
            let phone = Phone::new(&aor(number), address, SERVER).join(&mut net);
            net.act(phone, |phone, now, out| phone.register(now, 3600, out));
        }
        net.run_for(s(1));
        let placed: Vec<_> = (0..PHONES / 2)
            .map(|pair| place(&mut net, house, pair))
            .collect();
        let (placed, refused) = placed.split_at(usize::try_from(LIMIT).unwrap());
        assert!(placed.iter().all(Result::is_ok), "{placed:?}");
        let too_many = Err(PlaceError::TooManyCalls { limit: LIMIT });
        assert!(refused.iter().all(|refused| *refused == too_many));

        // One that is done makes room for one more.
        let call = *placed[0].as_ref().unwrap();
        net.run_for(s(1));
        net.act(house, |house, now, out| house.hang_up(now, call, out))
            .unwrap();
        net.run_for(s(1));
        assert!(place(&mut net, house, 6).is_ok());
        assert_eq!(place(&mut net, house, 7), too_many);
    });
}

fn place(net: &mut VirtualNet, house: Handle<House>, pair: u8) -> Result<CallRef, PlaceError> {
    let (from, to) = (aor(2 * pair), aor(2 * pair + 1));
    net.act(house, |house, now, out| {
        house.place_call(now, &from, &to, out)
    })
}

fn aor(number: u8) -> String {
    format!("sip:p{number}@click.test")
}
