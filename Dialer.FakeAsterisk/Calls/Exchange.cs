using Dialer.Simulation.Scripts;
using Dialer.Simulation.Wire;

namespace Dialer.Simulation.Calls;

/// <summary>
/// A scripted Asterisk: channels, bridges and playbacks, whose events come in the order and with the causes seen on Asterisk 22.10. All
/// of it happens under one gate, and what it causes leaves in one go when the gate is let go: in the log first, then on the sockets.
/// </summary>
internal sealed partial class Exchange(Script script, CallLog log, int seed)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(5);

    private readonly object _gate = new();
    private readonly Clock _clock = new();
    private readonly Agenda _agenda = new();
    private readonly Random _random = new(seed);
    private readonly MediaLengths _lengths = new(script, new Random(seed));
    private readonly Dictionary<string, Application> _applications = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Channel> _channels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Bridge> _bridges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Playback> _playbacks = new(StringComparer.Ordinal);
    private readonly List<Connection> _dirty = [];
    private readonly Utf8Text _event = new();
    private long _now;
    private long _wakesAt = long.MaxValue;
    private int _serial;
    private byte[] _startedAt = [];

    /// <summary>What comes before the first connection.</summary>
    public void Start()
    {
        _now = _clock.Now;
        _startedAt = _clock.Format(_now);
        log.Started(_now);
        log.Flush();
    }

    /// <summary>Lives through the agenda until it is cancelled: the thread that calls this is the clock of all calls.</summary>
    public void Run(CancellationToken stop)
    {
        using var waking = stop.Register(() =>
        {
            lock (_gate)
            {
                Monitor.Pulse(_gate);
            }
        });
        lock (_gate)
        {
            while (!stop.IsCancellationRequested)
            {
                _now = _clock.Now;
                while (_agenda.TryTake(_now, out var appointment, out _))
                {
                    Keep(appointment);
                }

                Flush();
                _wakesAt = _agenda.Next;
                // Whole milliseconds: at thousands of calls per second what happens within one leaves in one message to the kernel.
                Monitor.Wait(_gate, _wakesAt == long.MaxValue ? 1000 : (int)Math.Clamp((_wakesAt - _now + 999) / 1000, 1, 1000));
            }

            log.Flush();
        }
    }

    /// <summary>Carries out what has arrived on a connection.</summary>
    public void Enter(Connection connection)
    {
        lock (_gate)
        {
            _now = _clock.Now;
            connection.ReadRequests();
            Flush();
            if (_agenda.Next < _wakesAt)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>A connection is gone; calls of its application live on, their events are lost.</summary>
    public void Leave(Connection connection)
    {
        lock (_gate)
        {
            foreach (var application in _applications.Values.Where(a => a.Socket == connection))
            {
                application.Socket = null;
            }
        }
    }

    /// <summary>An event socket is open now; one that was open before for the same application gets no more.</summary>
    public void Register(string name, Connection socket)
    {
        var application = ApplicationOf(name);
        if (Begin(application, "ApplicationReplaced"))
        {
            Emit(application);
        }

        application.Socket = socket;
        (application.Allowed, application.Disallowed) = ([], []);
    }

    /// <summary>Has something to send.</summary>
    public void IsDirty(Connection connection) => _dirty.Add(connection);

    private void Keep(in Appointment appointment)
    {
        switch (appointment)
        {
            case { Channel: { IsGone: false } channel }:
                Keep(appointment, channel);
                break;
            case { Client: { } client }:
                _dirty.Add(client);
                break;
            case { Playback: { } playback }:
                MediumOver(playback);
                break;
        }
    }

    private void Keep(in Appointment appointment, Channel channel)
    {
        switch (appointment.Deed)
        {
            case Deed.RungOut:
                RungOut(channel);
                break;
            case Deed.TimedOut when channel.State != "Up":
                Destroy(channel, 19, 480, HungUpBy.Timeout);
                break;
            case Deed.Enter:
                Enter(channel);
                break;
            case Deed.HangUp:
                End(channel, 16, 0, null, HungUpBy.FarEnd);
                break;
            case Deed.Press:
                Press(channel, appointment.Keys);
                break;
        }
    }

    private void Later(TimeSpan time, in Appointment appointment) => _agenda.Add(_now + (long)time.TotalMicroseconds, appointment);

    private Application ApplicationOf(string name)
    {
        if (!_applications.TryGetValue(name, out var application))
        {
            _applications[name] = application = new Application(name);
        }

        return application;
    }

    /// <summary>Begins an event; false where nobody wants it. What follows is added to <c>_event</c>, and <see cref="Emit(Application)"/> sends it.</summary>
    private bool Begin(Application application, string type)
    {
        if (!application.Wants(type))
        {
            return false;
        }

        _event.Clear();
        _event.Add("{\"type\":\""u8).Add(type).Add("\",\"timestamp\":\""u8).Add(_clock.Format(_now)).Add("\",\"application\":\""u8)
            .AddEscaped(application.Name).Add("\",\"asterisk_id\":\"02:00:00:00:00:01\""u8);
        return true;
    }

    private void Emit(Application application)
    {
        _event.Add("}"u8);
        application.Socket!.SendText(_event.Written);
    }

    private void Emit(Application application, string type, Channel channel)
    {
        if (Begin(application, type))
        {
            _event.Add(",\"channel\":"u8);
            channel.WriteTo(_event);
            Emit(application);
        }
    }

    private void Flush()
    {
        log.Flush();
        foreach (var connection in _dirty)
        {
            if (!connection.Flush())
            {
                Later(s_patience, new Appointment(Deed.Offer, Client: connection));
            }
        }

        _dirty.Clear();
    }
}
