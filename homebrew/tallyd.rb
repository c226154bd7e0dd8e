# Host metrics and StatsD on one page. There is no release yet: docs/release.md tells how it is built from a checkout,
# and what a release puts in the place of `homepage` and `head`.
class Tallyd < Formula
  desc "Host metrics and StatsD on one page for Prometheus"
  homepage "https://tallyd.example/"
  license any_of: ["MIT", "Apache-2.0"]
  # Of the environment, brew passes on what starts with HOMEBREW_. "brew services" reads this too, and needs no
  # checkout: that none is named must be an error of git, which tells the address, and not of the formula.
  checkout = ENV.fetch("HOMEBREW_TALLYD_CHECKOUT", "/HOMEBREW_TALLYD_CHECKOUT-is-not-set")
  head "file://#{checkout}", using: :git, branch: "main"

  depends_on "rust" => :build

  def install
    system "cargo", "install", *std_cargo_args
    man1.install "docs/tallyd.1"
    bash_completion.install "completions/tallyd.bash" => "tallyd"
    zsh_completion.install "completions/_tallyd"
    fish_completion.install "completions/tallyd.fish"
    # One that was changed stays on upgrade; the new one is put beside it, as tallyd.args.default.
    etc.install "systemd/tallyd.args"
  end

  def post_install
    # For --statsd.state-file in tallyd.args.
    (var/"lib/tallyd").mkpath
  end

  def caveats
    <<~EOS
      Flags of the service are in #{etc}/tallyd.args, one a line.
      Metrics are on http://127.0.0.1:9100/metrics; StatsD is taken on port 8125.
      node_exporter wants the same port: brew services stop node_exporter
    EOS
  end

  service do
    run [opt_bin/"tallyd", "@#{etc}/tallyd.args"]
    keep_alive true
    log_path var/"log/tallyd.log"
    error_log_path var/"log/tallyd.log"
  end

  test do
    port = free_port
    flags = %W[--web.listen-address=127.0.0.1:#{port} --statsd.listen-udp= --statsd.listen-tcp=]
    pid = spawn bin/"tallyd", *flags
    begin
      url = "http://127.0.0.1:#{port}/metrics"
      output = shell_output("curl --silent --show-error --retry 10 --retry-connrefused #{url}")
      assert_match(/^node_load1 \d/, output)
      assert_match "node_uname_info{", output
    ensure
      Process.kill "TERM", pid
      Process.wait pid
    end
  end
end
