//! Limits in number and time, and the end.

use crate::client::Client;
use crate::common::PATIENCE;
use crate::server::{LARGE, MEDIUM, Server, body, eventually};
#[cfg(target_os = "linux")]
use rustix::net::sockopt::set_socket_linger;
use std::io::Read;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use tallyd::web::Ready;

const LARGE_REQUEST: &str = "GET /metrics?collect[]=large HTTP/1.1\r\nHost: a\r\n\r\n";

/// A client that asks for much and reads nothing, once the server waits for it.
fn slow_reader(server: &Server, waiting: i64) -> Client {
    let mut client = Client::new(server.at);
    client.send(LARGE_REQUEST);
    eventually("the scrape is in flight", || server.stats.scrapes_in_flight.get() == waiting);
    client
}

#[test]
fn more_scrapes_than_the_limit_wait_and_are_then_told_to_come_again() {
    let server = Server::with(|s| {
        s.max_requests = 1;
        s.limits.queue_timeout = Duration::from_millis(50);
    });
    let mut first = slow_reader(&server, 1);
    let sentence = "Limit of concurrent requests reached (1), try again later.\n";
    for target in ["/metrics", "/-/top"] {
        let answer = Client::new(server.at).get(target);
        let got = (answer.status.as_str(), answer.text());
        assert_eq!(got, ("HTTP/1.1 503 Service Unavailable", sentence), "{target}");
    }
    assert_eq!(Client::new(server.at).get("/-/healthy").text(), "tallyd is healthy.\n");
    assert!(first.answer().body == body(LARGE), "the first is not hurt");
    eventually("its place is free", || server.stats.scrapes_in_flight.get() == 0);
    assert_eq!(Client::new(server.at).get("/metrics").text(), "up 1\n");
    assert_eq!((server.refused("scrape_limit"), server.scrapes("503")), (2, 2));
    assert_eq!(server.stats.scrapes_queued.get(), 2);
}

#[test]
fn scrapes_that_wait_are_answered_in_their_order_and_others_do_not_wait() {
    let server = Server::with(|s| {
        s.max_requests = 1;
        s.limits.queue_timeout = Duration::from_secs(60);
    });
    let mut first = slow_reader(&server, 1);
    let mut queued: Vec<Client> = (1..=3)
        .map(|count| {
            let mut client = Client::new(server.at);
            client.send(LARGE_REQUEST);
            eventually("it waits", || server.stats.scrapes_queued.get() == count);
            client
        })
        .collect();
    assert_eq!(Client::new(server.at).get("/-/healthy").text(), "tallyd is healthy.\n");
    assert!(first.answer().body == body(LARGE));
    // One that has gone meanwhile takes nobody's turn.
    drop(queued.remove(1));
    for client in &mut queued {
        // More than the kernel buffers, so that the next has its turn when this one was read.
        assert!(client.answer().body == body(LARGE));
    }
    assert_eq!((server.refused("scrape_limit"), server.scrapes("503")), (0, 0));
}

#[test]
#[cfg(target_os = "linux")]
fn who_asks_for_much_is_behind_others() {
    let server = Server::with(|s| {
        s.max_requests = 2;
        s.limits.queue_timeout = Duration::from_secs(60);
    });
    let gated = "GET /metrics?collect[]=late HTTP/1.1\r\nHost: a\r\n\r\n";
    let ask = |source| {
        let mut client = Client::from(source, server.at);
        client.send(gated);
        client
    };
    let asked = |count| server.fake.late.lock().unwrap().len() == count;
    let queued = |count| server.stats.scrapes_queued.get() == count;
    let first = [ask("127.0.0.2"), ask("127.0.0.2")];
    eventually("two are in flight", || asked(2));
    let _behind = ask("127.0.0.2");
    eventually("one is behind them", || queued(1));
    let mut other = Client::from("127.0.0.3", server.at);
    other.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    eventually("one of another comes last", || queued(2));
    // One of the first goes, by a reset, which is told at once.
    let [gone, _stays] = first;
    set_socket_linger(gone.0.get_ref(), Some(Duration::ZERO)).unwrap();
    drop(gone);
    assert_eq!(other.answer().text(), "up 1\n");
    eventually("then the one behind has its turn", || asked(3));
}

#[test]
#[cfg(target_os = "linux")]
fn who_has_much_in_flight_has_its_turn_behind_others() {
    let server = Server::start();
    let ask = |source, name: &str| {
        let mut client = Client::from(source, server.at);
        client.send(format!("GET /metrics?collect[]={name} HTTP/1.1\r\nHost: a\r\n\r\n"));
        client
    };
    // Each holds a worker until the gate opens.
    let mut many: Vec<Client> = (0..8).map(|_| ask("127.0.0.2", "gated")).collect();
    eventually("all are in flight", || server.stats.scrapes_in_flight.get() == 8);
    let mut other = ask("127.0.0.3", "empty");
    eventually("so is one of another", || server.stats.scrapes_in_flight.get() == 9);
    server.fake.gate.store(true, Ordering::Release);
    assert_eq!(other.answer().text(), "");
    many.iter_mut().for_each(|client| assert!(client.answer().body == body(MEDIUM)));
    let asked = server.fake.asked.lock().unwrap().clone();
    let place = asked.iter().position(|name| name == "empty");
    assert!(place.is_some_and(|place| place < 6), "behind those that the workers had: {asked:?}");
}

#[test]
fn bodies_that_are_not_ready_hold_up_nobody() {
    let server = Server::start();
    let ask = |name: &str, fields: &str| {
        let mut client = Client::new(server.at);
        client.send(format!("GET /metrics?collect[]={name} HTTP/1.1\r\nHost: a\r\n{fields}\r\n"));
        client
    };
    let mut waiting: Vec<Client> = (0..10).map(|n| ask(if n < 5 { "late" } else { "later" }, "")).collect();
    let mut packed = ask("late", "Accept-Encoding: gzip\r\n");
    eventually("all are asked for", || server.fake.late.lock().unwrap().len() == 11);
    // Each of them would hold one of the two workers until the gate is open.
    for _ in 0..20 {
        assert_eq!(Client::new(server.at).get("/-/healthy").text(), "tallyd is healthy.\n");
        assert_eq!(Client::new(server.at).get("/metrics").text(), "up 1\n");
    }
    eventually("they are in flight, and nothing else", || server.stats.scrapes_in_flight.get() == 11);
    server.fake.gate.store(true, Ordering::Release);
    server.fake.late.lock().unwrap().iter().for_each(Ready::say);
    for client in &mut waiting {
        assert!(client.answer().body == body(MEDIUM));
    }
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.answer().body[..]).read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == body(MEDIUM));
    eventually("all have ended well", || server.scrapes("200") == 31);
}

#[test]
fn a_body_that_is_never_ready_ends_with_the_time_of_an_answer_or_the_agent() {
    let late = "GET /metrics?collect[]=late HTTP/1.1\r\nHost: a\r\n\r\n";
    let server = Server::with(|s| s.limits.response_timeout = Duration::from_millis(200));
    assert!(Client::new(server.at).send(late).try_answer(false).is_err());
    eventually("it is given up", || server.aborted("too_slow") == 1 && server.stats.scrapes_in_flight.get() == 0);
    let server = Server::with(|s| s.limits.stop_timeout = Duration::from_millis(100));
    let mut client = Client::new(server.at);
    client.send(late);
    eventually("it is asked for", || server.fake.late.lock().unwrap().len() == 1);
    let stats = server.stats.clone();
    assert!(server.web.stop(), "all threads have ended");
    assert_eq!(stats.responses_aborted.with_label_values(&["stopping"]).get(), 1);
    assert!(client.try_answer(false).is_err());
}

#[test]
fn the_slowest_reader_gives_way() {
    let server = Server::with(|s| s.max_requests = 4);
    let mut slow = vec![slow_reader(&server, 1), slow_reader(&server, 2)];
    for cut in 1..=4 {
        let mut client = Client::new(server.at);
        client.send(LARGE_REQUEST);
        slow.push(client);
        eventually("one of them is cut off", || server.aborted("crowded_out") == cut);
    }
    assert_eq!(Client::new(server.at).get("/metrics").text(), "up 1\n");
    // Which four is the kernel's affair too: what it buffers for a client counts as taken by it.
    let answers: Vec<_> = slow.iter_mut().map(|client| client.try_answer(false)).collect();
    assert_eq!(answers.iter().filter(|a| a.is_err()).count(), 4, "a cut answer is seen to be one");
    assert!(answers.iter().flatten().all(|a| a.body == body(LARGE)), "those that stayed get all");
}

#[test]
fn a_reader_that_is_too_slow_is_cut_off() {
    let server = Server::with(|s| s.limits.response_timeout = Duration::from_millis(200));
    let mut client = slow_reader(&server, 1);
    eventually("it is cut off", || server.aborted("too_slow") == 1);
    assert!(client.try_answer(false).is_err());
    eventually("its place is free", || server.stats.scrapes_in_flight.get() == 0);
}

#[test]
fn a_client_that_goes_away_is_counted() {
    let server = Server::start();
    drop(slow_reader(&server, 1));
    eventually("it is noticed", || server.aborted("client_gone") == 1);
    eventually("nothing is left of it", || server.stats.connections.get() == 0);
}

#[test]
fn idle_connections_make_room_and_are_closed_in_time() {
    let server = Server::with(|s| {
        s.limits.connections = 4;
        s.limits.idle_timeout = Duration::from_millis(400);
    });
    let mut idle: Vec<Client> = (0..4).map(|_| Client::new(server.at)).collect();
    eventually("all are there", || server.stats.connections.get() == 4);
    assert_eq!(Client::new(server.at).get("/-/healthy").text(), "tallyd is healthy.\n");
    assert_eq!(server.stats.connections_evicted.get(), 1);
    assert!(idle[0].is_closed(), "the one that was idle the longest");
    eventually("the others are closed too", || server.stats.connections.get() == 0);
}

#[test]
fn a_connection_too_many_is_told_so() {
    let server = Server::with(|s| s.limits.connections = 3);
    let busy: Vec<Client> = (0..3)
        .map(|_| {
            let mut client = Client::new(server.at);
            client.send("GET /half");
            client
        })
        .collect();
    eventually("all are there", || server.stats.connections.get() == 3);
    let answer = Client::new(server.at).answer();
    assert_eq!(answer.text(), "Limit of connections reached, try again later.\n");
    assert_eq!(server.stats.connections_refused.with_label_values(&["connection_limit"]).get(), 1);
    drop(busy);
    eventually("their places are free", || server.stats.connections.get() == 0);
    assert_eq!(Client::new(server.at).get("/-/healthy").text(), "tallyd is healthy.\n");
}

#[test]
#[cfg(target_os = "linux")]
fn one_address_takes_its_share_of_connections_and_no_more() {
    let server = Server::with(|s| s.limits.per_address = 2);
    let refused = || server.stats.connections_refused.with_label_values(&["address_limit"]).get();
    let open = |count| eventually("they are there", || server.stats.connections.get() == count);
    let mut idle = Client::new(server.at);
    open(1);
    let mut begun = Client::new(server.at);
    begun.send("GET /half");
    open(2);
    // Its own that is idle makes room for it.
    let mut third = Client::new(server.at);
    third.send("GET /half");
    assert!(idle.is_closed());
    assert_eq!((server.stats.connections_evicted.get(), refused()), (1, 0));
    let answer = Client::new(server.at).answer();
    assert_eq!(answer.status, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(answer.text(), "Limit of connections of one address reached, try again later.\n");
    assert_eq!(refused(), 1);
    assert_eq!(Client::from("127.0.0.2", server.at).get("/-/healthy").text(), "tallyd is healthy.\n");
    drop((begun, third));
    open(0);
    assert_eq!(Client::new(server.at).get("/-/healthy").text(), "tallyd is healthy.\n");
    assert_eq!(refused(), 1);
}

#[test]
fn a_head_that_drips_is_given_up() {
    let server = Server::with(|s| s.limits.head_timeout = Duration::from_millis(150));
    let mut client = Client::new(server.at);
    let answer = client.send("GET /metrics HTTP/1.1\r\nHo").answer();
    assert_eq!(answer.status, "HTTP/1.1 408 Request Timeout");
    assert!(client.is_closed());
    assert_eq!(server.refused("head_timeout"), 1);
}

#[test]
fn answers_under_way_end_before_the_agent_does() {
    let server = Server::start();
    let (at, fake) = (server.at, server.fake.clone());
    let (mut idle, mut asking) = (Client::new(at), Client::new(at));
    asking.send("GET /metrics?collect[]=gated HTTP/1.1\r\nHost: a\r\n\r\n");
    eventually("the scrape is in flight", || server.stats.scrapes_in_flight.get() == 1);
    let stopping = thread::spawn(move || server.web.stop());
    assert!(idle.is_closed(), "nobody is missed by closing this one");
    fake.gate.store(true, Ordering::Release);
    assert!(asking.answer().body == body(MEDIUM));
    assert!(stopping.join().unwrap(), "all threads have ended");
    assert!(std::net::TcpStream::connect(at).is_err());
}

#[test]
fn a_client_that_has_just_come_is_answered_when_the_agent_stops() {
    let server = Server::with(|s| {
        s.limits.arrival_timeout = PATIENCE;
        s.limits.stop_timeout = PATIENCE;
    });
    let at = server.at;
    let (mut new, mut half) = (Client::new(at), Client::new(at));
    half.send("GET /metrics HTTP/1.1\r\nHo");
    eventually("both were taken", || server.stats.connections.get() == 2);
    let stopping = thread::spawn(move || server.web.stop());
    eventually("the stop was said", || std::net::TcpStream::connect(at).is_err());
    new.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    half.send("st: a\r\n\r\n");
    for client in [&mut new, &mut half] {
        assert_eq!(client.answer().body, b"up 1\n");
        assert!(client.is_closed());
    }
    assert!(stopping.join().unwrap(), "all threads have ended");
}

#[test]
fn a_scrape_that_waits_is_answered_before_the_agent_ends() {
    let server = Server::with(|s| {
        s.max_requests = 1;
        s.limits.queue_timeout = Duration::from_secs(60);
        s.limits.stop_timeout = Duration::from_secs(20);
    });
    let mut first = slow_reader(&server, 1);
    let mut queued = Client::new(server.at);
    queued.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    eventually("it waits", || server.stats.scrapes_queued.get() == 1);
    let mut idle = Client::new(server.at);
    assert_eq!(idle.get("/-/healthy").text(), "tallyd is healthy.\n");
    let web = server.web;
    let stopping = thread::spawn(move || web.stop());
    assert!(idle.is_closed(), "it stops");
    assert!(first.answer().body == body(LARGE));
    assert_eq!(queued.answer().text(), "up 1\n");
    assert!(stopping.join().unwrap(), "all threads have ended");
}

#[test]
fn a_reader_that_never_reads_does_not_keep_the_agent() {
    let server = Server::with(|s| s.limits.stop_timeout = Duration::from_millis(100));
    let mut slow = slow_reader(&server, 1);
    let stats = server.stats.clone();
    assert!(server.web.stop(), "all threads have ended");
    assert_eq!(stats.responses_aborted.with_label_values(&["stopping"]).get(), 1);
    assert!(slow.try_answer(false).is_err());
}
